/* What the list of one's sessions calls a browser: its name and system, by marks that User-Agent texts have carried for years.
 * Nothing depends on it, and what it does not know it does not guess. */
#include <string.h>

#include "base/macro.h"
#include "internal.h"

struct mark {
        const char *text, *name;
};

/* In order: most of them also carry the marks of those below them. */
static const struct mark browsers[] = {
        { "Edg", "Edge" },
        { "OPR/", "Opera" },
        { "SamsungBrowser/", "Samsung Internet" },
        { "FxiOS/", "Firefox" },
        { "Firefox/", "Firefox" },
        { "CriOS/", "Chrome" },
        { "Chrome/", "Chrome" },
        { "Safari/", "Safari" },
        { "curl/", "curl" },
        { "Python", "Python" },
        { "python", "Python" },
        { "PowerShell/", "PowerShell" },
        { "Java/", "Java" },
};

static const struct mark systems[] = {
        { "Windows", "Windows" },
        { "Android", "Android" },
        { "iPhone", "iPhone" },
        { "iPad", "iPad" },
        { "CrOS", "ChromeOS" },
        { "Mac OS X", "Mac" },
        { "Linux", "Linux" },
};

static const char *first_of(const struct mark *marks, size_t n, const char *text) {
        for (size_t i = 0; i < n; i++)
                if (strstr(text, marks[i].text))
                        return marks[i].name;
        return NULL;
}

const char *device_describe(struct request *request) {
        const char *text = request->user_agent ? request->user_agent : "";
        const char *browser = first_of(browsers, ELEMENTS(browsers), text), *system = first_of(systems, ELEMENTS(systems), text);
        if (!browser)
                browser = request->is_api ? "A program" : "A browser";
        return system ? arena_format(request->arena, "%s on %s", browser, system) : browser;
}
