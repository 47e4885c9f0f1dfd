/* Identifiers: UUID version 7 (RFC 9562) and public references with a check character. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>

enum { UUID_TEXT = 37, REFERENCE_TEXT = 16 };

/* A fresh version 7 UUID in lower-case text; time-ordered to the millisecond, 74 random bits. Thread-safe. */
void uuid_new(char ret_text[static UUID_TEXT]);
/* Whether `s` is a UUID in the canonical 8-4-4-4-12 form, of any version. */
bool uuid_is_valid(const char *s);

/* A fresh public reference such as UP-7K3M-9Q2Y: prefix of two letters, seven random characters of an alphabet without 0, 1, I, L and O
 * and one check character (position-weighted sum modulo 31 over an alphabet of 31). Never a sequence. */
void reference_new(const char prefix[static 2], char ret_text[static REFERENCE_TEXT]);
/* Whether the check character is right. Accepts what people type: lower case, spaces or no hyphens; writes the
 * canonical form. Returns false, writing nothing, otherwise. */
bool reference_parse(const char *s, char ret_text[static REFERENCE_TEXT]);

/* Fills `data` from the kernel's generator. Ends the process if that fails. */
void random_bytes(void *data, size_t size);

#endif
