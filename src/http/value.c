#include "http/value.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "http/body.h"

static bool is_space(unsigned char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

char *value_trim(const char *text, bool lines) {
        size_t size = strlen(text), n = 0;
        while (size > 0 && is_space((unsigned char) text[size - 1]))
                size--;
        while (size > 0 && is_space((unsigned char) *text))
                text++, size--;
        char *out = memory_new(size + 1, 1);
        for (size_t i = 0; i < size; i++)
                if (!lines || text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
                        out[n++] = text[i];
        return out;
}

size_t value_length(const char *text) {
        size_t n = 0;
        for (; *text; text++)
                n += (*text & 0xc0) != 0x80;
        return n;
}

bool value_has_control(const char *text, bool lines) {
        for (const unsigned char *p = (const unsigned char *) text; *p; p++) {
                if ((*p < 0x20 || *p == 0x7f) && !(lines && (*p == '\t' || *p == '\n')))
                        return true;
                if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
                        return true;
        }
        return false;
}

/* Whether `s` begins with the pattern, in which 0 stands for any digit and everything else for itself. */
static bool begins_like(const char *s, const char *pattern) {
        for (; *pattern; pattern++, s++)
                if (*pattern == '0' ? *s < '0' || *s > '9' : *s != *pattern)
                        return false;
        return true;
}

static int two_digits(const char *s) {
        return (s[0] - '0') * 10 + s[1] - '0';
}

bool text_is_date(const char *s) {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        if (strlen(s) != 10 || !begins_like(s, "0000-00-00"))
                return false;
        int year = two_digits(s) * 100 + two_digits(s + 2), month = two_digits(s + 5), day = two_digits(s + 8);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

bool value_is_time(const char *s) {
        return strlen(s) == 5 && begins_like(s, "00:00") && two_digits(s) < 24 && two_digits(s + 3) < 60;
}

bool value_is_instant(const char *s) {
        char date[11];
        if (strlen(s) > 40 || !begins_like(s, "0000-00-00T00:00:00"))
                return false;
        memcpy(date, s, 10);
        date[10] = '\0';
        /* A leap second is refused: PostgreSQL would move it into the next minute. */
        if (!text_is_date(date) || two_digits(s + 11) > 23 || two_digits(s + 14) > 59 || two_digits(s + 17) > 59)
                return false;
        s += 19;
        if (*s == '.') {
                size_t digits = strspn(s + 1, "0123456789");
                if (digits < 1 || digits > 6)
                        return false;
                s += 1 + digits;
        }
        if (strcmp(s, "Z") == 0)
                return true;
        return (*s == '+' || *s == '-') && strlen(s) == 6 && begins_like(s + 1, "00:00") && two_digits(s + 1) < 15 &&
               two_digits(s + 4) < 60;
}

bool value_is_slug(const char *s) {
        size_t size = strlen(s);
        return size > 0 && size < 64 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == size && s[0] != '-' &&
               s[size - 1] != '-';
}

bool value_is_email(const char *s) {
        size_t size = strlen(s), local = strcspn(s, "@");
        if (size > VALUE_EMAIL_MAX || local == 0 || local > 64 || local + 2 >= size || strchr(s + local + 1, '@'))
                return false;
        for (const unsigned char *p = (const unsigned char *) s; *p; p++)
                if (*p <= 0x20 || *p >= 0x7f || strchr("<>()[]\\,;:\"", *p))
                        return false;
        const char *domain = s + local + 1;
        return domain[0] != '.' && domain[0] != '-' && s[size - 1] != '.' && !strstr(s, "..");
}
