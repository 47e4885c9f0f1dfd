#include "view/asset.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static char base[64];

static void make_base(void) {
        const struct embedded_file *version = embedded_find(&embedded_assets, "version");
        snprintf(base, sizeof base, "/assets/%s", version ? (const char *) version->data : "none");
}

const char *asset_base(void) {
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        pthread_once(&once, make_base);
        return base;
}

int asset_find(const char *path, struct asset *ret) {
        static const struct {
                const char *ending, *content_type;
        } types[] = {
                { ".css", "text/css; charset=utf-8" },
                { ".js", "text/javascript; charset=utf-8" },
                { ".svg", "image/svg+xml" },
                { ".txt", "text/plain; charset=utf-8" },
        };
        size_t size = strlen(asset_base());
        if (strncmp(path, asset_base(), size) || path[size] != '/')
                return 1;
        const struct embedded_file *file = embedded_find(&embedded_assets, path + size + 1);
        const char *ending = file ? strrchr(file->name, '.') : NULL;
        for (size_t i = 0; ending && i < ELEMENTS(types); i++)
                if (!strcmp(types[i].ending, ending)) {
                        *ret = (struct asset) { file, types[i].content_type };
                        return 0;
                }
        return 1;
}
