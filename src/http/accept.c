/* Media types: what was sent, and what may be sent back (RFC 9110, sections 8.3 and 12.5.1). */
#include <string.h>
#include <strings.h>

#include "internal.h"

static size_t skip_space(const char *s, size_t size, size_t at) {
        while (at < size && (s[at] == ' ' || s[at] == '\t'))
                at++;
        return at;
}

/* Whether the parameters of a media range say q=0 (or 0.000). */
static bool is_weightless(const char *s, size_t size) {
        for (size_t i = 0; i < size; i++) {
                if (s[i] != ';')
                        continue;
                size_t at = skip_space(s, size, i + 1);
                if (size - at >= 3 && (s[at] == 'q' || s[at] == 'Q') && s[at + 1] == '=' && s[at + 2] == '0') {
                        size_t end = at + 3;
                        while (end < size && (s[end] == '.' || s[end] == '0'))
                                end++;
                        return end == size || s[end] == ' ' || s[end] == ';';
                }
        }
        return false;
}

/* How exactly a range names the type: 0 not at all, 1 any, 2 any of its kind, 3 itself. */
static unsigned range_fits(const char *range, size_t size, const char *type) {
        size_t kind = strcspn(type, "/") + 1;
        if (size == 3 && memcmp(range, "*/*", 3) == 0)
                return 1;
        if (size == kind + 1 && strncasecmp(range, type, kind) == 0 && range[kind] == '*')
                return 2;
        return size == strlen(type) && strncasecmp(range, type, size) == 0 ? 3 : 0;
}

bool accept_takes(const struct header *accept, const char *type) {
        unsigned best = 0;
        bool takes = false;

        if (!accept || skip_space(accept->value, accept->value_size, 0) == accept->value_size)
                return true;
        const char *p = accept->value, *end = p + accept->value_size;
        while (p < end) {
                const char *stop = memchr(p, ',', (size_t) (end - p));
                if (!stop)
                        stop = end;
                p += skip_space(p, (size_t) (stop - p), 0);
                size_t size = 0;
                while (p + size < stop && p[size] != ';' && p[size] != ' ' && p[size] != '\t')
                        size++;
                unsigned fits = range_fits(p, size, type);
                if (fits > best) {
                        best = fits;
                        takes = !is_weightless(p + size, (size_t) (stop - p) - size);
                }
                p = stop + 1;
        }
        return takes;
}

bool media_type_is(const struct header *content_type, const char *type) {
        size_t size = strlen(type);
        if (!content_type || content_type->value_size < size || strncasecmp(content_type->value, type, size) != 0)
                return false;
        const char *rest = content_type->value + size;
        size_t n = content_type->value_size - size, at = skip_space(rest, n, 0);
        if (at == n)
                return true;
        if (rest[at] != ';')
                return false;
        at = skip_space(rest, n, at + 1);
        static const char *const charsets[] = { "charset=utf-8", "charset=\"utf-8\"" };
        for (size_t i = 0; i < ELEMENTS(charsets); i++)
                if (n - at == strlen(charsets[i]) && strncasecmp(rest + at, charsets[i], n - at) == 0)
                        return true;
        return false;
}
