/* Reading UTF-8 strictly, and folding letters for comparison; the rules are told in crypto/index.h. */
#ifndef CRYPTO_FOLD_H
#define CRYPTO_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Takes one character off the front of a NUL-terminated text. False, with the text where it was, at a sequence that is
 * not UTF-8: cut off, longer than needed, a surrogate or past U+10FFFF. */
bool utf8_next(const char **text, uint32_t *ret_character);
/* Whether the text is UTF-8, and how many characters it has. */
bool utf8_length(const char *text, size_t *ret_characters);

enum fold_class { FOLD_LETTER, FOLD_SEPARATOR, FOLD_DROPPED };
/* What a character is in a name. A letter appends its folded form to `out`; the others append nothing. */
enum fold_class fold_character(uint32_t character, struct buffer *out);

#endif
