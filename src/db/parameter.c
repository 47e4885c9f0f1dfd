/* What a parameter's text may be. PostgreSQL casts these texts outside any function's subtransaction, where a failure
 * costs a whole batch, so nothing passes here that a cast could refuse. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "db/query.h"

enum { CURSOR_MOST = 512, HASH_TEXT = 64, CODE_MOST = 64, INTEGER_MOST = 20 };

static bool is_digits(const char *s, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (s[i] < '0' || s[i] > '9')
                        return false;
        return true;
}

static bool is_made_of(const char *s, size_t most, const char *others) {
        size_t n = 0;
        for (; s[n]; n++) {
                unsigned char c = (unsigned char) s[n];
                if (n == most || c > 0x7e || !(isalnum(c) || strchr(others, c)))
                        return false;
        }
        return n > 0;
}

/* The length of the character at `p`, 0 when it is not well-formed UTF-8 (too long a form, a surrogate, beyond
 * U+10FFFF) or is a control character other than tab, newline and carriage return. */
static size_t text_character(const unsigned char *p) {
        if (p[0] < 0x80)
                return (p[0] >= 0x20 && p[0] != 0x7f) || p[0] == '\n' || p[0] == '\t' || p[0] == '\r' ? 1 : 0;
        size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
        if (p[0] < 0xc2 || p[0] > 0xf4)
                return 0;
        for (size_t i = 1; i < n; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
        if ((p[0] == 0xc2 && p[1] < 0xa0) ||              /* U+0080 to U+009F: controls */
            (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90) ||
            (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f))
                return 0;
        return n;
}

static bool is_text(const char *s) {
        for (const unsigned char *p = (const unsigned char *) s; *p;) {
                size_t n = text_character(p);
                if (!n)
                        return false;
                p += n;
        }
        return true;
}

static bool is_date(const char *s) {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' || !is_digits(s, 4) || !is_digits(s + 5, 2) ||
            !is_digits(s + 8, 2))
                return false;
        int year = atoi(s), month = atoi(s + 5), day = atoi(s + 8);
        if (year < 1 || month < 1 || month > 12 || day < 1)
                return false;
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return day <= days[month - 1] + (month == 2 && leap);
}

static const char *check_integer(const struct parameter *parameter, const char *value) {
        const char *digits = value + (*value == '-');
        if (!*digits || !is_digits(digits, strlen(digits)))
                return "not_an_integer";
        if (strlen(digits) > INTEGER_MOST)
                return "out_of_range";
        errno = 0;
        long long n = strtoll(value, NULL, 10);
        return errno || n < parameter->least || n > parameter->most ? "out_of_range" : NULL;
}

static const char *check_sized(const struct parameter *parameter, const char *value, bool fits, const char *code) {
        if (strlen(value) > (size_t) parameter->most)
                return "too_long";
        return fits ? NULL : code;
}

static const char *check_value(const struct parameter *parameter, const char *value,
                               bool (*code_exists)(const char *, const char *)) {
        char canonical[REFERENCE_TEXT];
        switch (parameter->type) {
        case PARAMETER_UUID:
                return uuid_is_valid(value) ? NULL : "not_a_uuid";
        case PARAMETER_REFERENCE: /* as stored: what people type is made canonical before it gets here */
                return reference_parse(value, canonical) && strcmp(canonical, value) == 0 ? NULL : "not_a_reference";
        case PARAMETER_TEXT:
                return check_sized(parameter, value, is_text(value), "not_text");
        case PARAMETER_CODE:
                return is_made_of(value, CODE_MOST, "_-") && code_exists && code_exists(parameter->list, value)
                               ? NULL : "unknown_code";
        case PARAMETER_INTEGER:
                return check_integer(parameter, value);
        case PARAMETER_DATE:
                return is_date(value) ? NULL : "not_a_date";
        case PARAMETER_BOOLEAN:
                return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ? NULL : "not_a_boolean";
        case PARAMETER_CURSOR:
                return is_made_of(value, CURSOR_MOST, "-_.") ? NULL : "not_a_cursor";
        case PARAMETER_JSON:
                return check_sized(parameter, value, true, NULL);
        case PARAMETER_HASH:
                return strlen(value) == HASH_TEXT && strspn(value, "0123456789abcdef") == HASH_TEXT ? NULL
                                                                                                    : "not_a_hash";
        case PARAMETER_SEALED:
                return check_sized(parameter, value, is_made_of(value, (size_t) parameter->most, "-_.+/=:"),
                                   "not_sealed");
        }
        return "not_text";
}

int parameter_check(const struct parameter *parameter, const char *value,
                    bool (*code_exists)(const char *list, const char *code), const char **ret_code) {
        const char *code = NULL;
        if (value)
                code = check_value(parameter, value, code_exists);
        else if (!parameter->optional)
                code = "required";
        if (!code)
                return 0;
        *ret_code = code;
        return 1;
}
