#include "base/embedded.h"

#include <stdlib.h>
#include <string.h>

static int compare_name(const void *name, const void *file) {
        return strcmp(name, ((const struct embedded_file *) file)->name);
}

const struct embedded_file *embedded_find(const struct embedded_set *set, const char *name) {
        if (!set->n_files)
                return NULL;
        return bsearch(name, set->files, set->n_files, sizeof *set->files, compare_name);
}
