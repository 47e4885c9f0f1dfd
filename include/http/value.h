/* Shapes of single values: what makes a text a time, a name of an organisation, an address. */
#ifndef HTTP_VALUE_H
#define HTTP_VALUE_H

#include <stdbool.h>
#include <stddef.h>

enum { VALUE_TEXT_DEFAULT = 500, VALUE_EMAIL_MAX = 254 };

/* A copy without white space at either end, and with CR LF as LF when `lines`. free() */
char *value_trim(const char *text, bool lines);
/* Characters (code points) of UTF-8 text. */
size_t value_length(const char *text);
/* Whether there are control characters other than, when `lines`, tab and newline. */
bool value_has_control(const char *text, bool lines);

bool value_is_time(const char *s);    /* HH:MM */
bool value_is_instant(const char *s); /* RFC 3339 date-time: 2026-03-27T14:30:00Z, 2026-03-27T14:30:00.5+01:00 */
bool value_is_slug(const char *s);    /* 1 to 63 of a-z 0-9 and inner hyphens */
bool value_is_email(const char *s);   /* one @, no space, a dot or name behind it, VALUE_EMAIL_MAX bytes */

#endif
