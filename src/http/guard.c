#include "http/guard.h"

#include <string.h>
#include <strings.h>

static bool is_token_character(unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *s, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (!is_token_character((unsigned char) s[i]))
                        return false;
        return size > 0;
}

/* Fields we act on are ASCII; others may carry obs-text, which we never read. Control characters are never allowed. */
static bool is_field_value(const char *s, size_t size) {
        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) s[i];
                if ((c < 0x20 && c != '\t') || c == 0x7f)
                        return false;
        }
        return true;
}

/* host [ ":" port ], where host is a name, an IPv4 address or a bracketed IPv6 address. */
static bool is_host(const char *s, size_t size) {
        size_t i = 0;
        if (size == 0 || size > 255)
                return false;
        if (s[0] == '[') {
                for (i = 1; i < size && s[i] != ']'; i++)
                        if (!strchr("0123456789abcdefABCDEF:.", s[i]))
                                return false;
                if (i < 3 || i++ == size)
                        return false;
        } else {
                for (; i < size && s[i] != ':'; i++)
                        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'z') ||
                              (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '.' || s[i] == '-' || s[i] == '_'))
                                return false;
                if (i == 0)
                        return false;
        }
        if (i == size)
                return true;
        if (s[i++] != ':' || i == size || size - i > 5)
                return false;
        for (; i < size; i++)
                if (s[i] < '0' || s[i] > '9')
                        return false;
        return true;
}

static bool is_length(const char *s, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (s[i] < '0' || s[i] > '9')
                        return false;
        return size > 0 && size <= 15;
}

static bool name_is(const struct header *header, const char *name) {
        return header->name_size == strlen(name) && strncasecmp(header->name, name, header->name_size) == 0;
}

const struct header *header_find(const struct header_list *headers, const char *name, bool *ret_repeated) {
        const struct header *found = NULL;
        *ret_repeated = false;
        for (size_t i = 0; i < headers->n; i++) {
                if (!name_is(&headers->header[i], name))
                        continue;
                if (found) {
                        *ret_repeated = true;
                        return found;
                }
                found = &headers->header[i];
        }
        return found;
}

/* RFC 9112 section 6.1: chunked is the only coding we speak, alone, and never beside a length. */
static const char *check_framing(const struct header_list *headers, const char *version) {
        bool repeated_length, repeated_coding;
        const struct header *length = header_find(headers, "content-length", &repeated_length);
        const struct header *coding = header_find(headers, "transfer-encoding", &repeated_coding);

        if (repeated_length || repeated_coding || (length && coding))
                return "bad_framing";
        if (length && !is_length(length->value, length->value_size))
                return "bad_framing";
        if (!coding)
                return NULL;
        if (strcmp(version, "HTTP/1.1") != 0)
                return "bad_framing";
        if (coding->value_size != strlen("chunked") ||
            strncasecmp(coding->value, "chunked", coding->value_size) != 0)
                return "unknown_coding";
        return NULL;
}

/* Fields whose second appearance would leave it open which one counts. */
static const char *const once[] = { "authorization", "content-type", "if-match", "idempotency-key", "origin",
                                    "sec-fetch-site", "content-encoding" };

const char *guard_check(const struct header_list *headers, const char *method, const char *version) {
        bool repeated;

        if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
                return "bad_version";
        if (!is_token(method, strlen(method)))
                return "bad_request_line";
        if (headers->overflow)
                return "too_many_headers";
        for (size_t i = 0; i < headers->n; i++) {
                const struct header *header = &headers->header[i];
                if (!is_token(header->name, header->name_size) || !is_field_value(header->value, header->value_size))
                        return "bad_header";
        }
        const struct header *host = header_find(headers, "host", &repeated);
        if (!host || repeated || !is_host(host->value, host->value_size))
                return "bad_host";
        for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
                header_find(headers, once[i], &repeated);
                if (repeated)
                        return "repeated_header";
        }
        return check_framing(headers, version);
}

/* cookie-octet of RFC 6265 section 4.1.1. */
static bool is_cookie_value(const char *s, size_t size) {
        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) s[i];
                if (c <= 0x20 || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
                        return false;
        }
        return true;
}

static int take_pair(const char *pair, size_t size, const char *name, bool *found, char *ret_value) {
        size_t name_size = strlen(name);
        if (size <= name_size || memcmp(pair, name, name_size) != 0 || pair[name_size] != '=')
                return 0;
        const char *value = pair + name_size + 1;
        size_t value_size = size - name_size - 1;
        if (*found || value_size >= COOKIE_MAX || !is_cookie_value(value, value_size))
                return 1;
        memcpy(ret_value, value, value_size);
        ret_value[value_size] = '\0';
        *found = true;
        return 0;
}

int cookie_find(const struct header_list *headers, const char *name, char ret_value[static COOKIE_MAX]) {
        char value[COOKIE_MAX] = "";
        bool found = false;

        for (size_t i = 0; i < headers->n; i++) {
                const struct header *header = &headers->header[i];
                if (!name_is(header, "cookie"))
                        continue;
                const char *p = header->value, *end = p + header->value_size;
                while (p < end) {
                        const char *stop = memchr(p, ';', (size_t) (end - p));
                        if (!stop)
                                stop = end;
                        while (p < stop && (*p == ' ' || *p == '\t'))
                                p++;
                        const char *last = stop;
                        while (last > p && (last[-1] == ' ' || last[-1] == '\t'))
                                last--;
                        if (take_pair(p, (size_t) (last - p), name, &found, value))
                                return 1;
                        p = stop + 1;
                }
        }
        strcpy(ret_value, value);
        return 0;
}
