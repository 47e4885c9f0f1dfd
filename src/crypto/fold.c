#include "fold.h"

#include <string.h>

bool utf8_next(const char **text, uint32_t *ret_character) {
        const unsigned char *p = (const unsigned char *) *text;
        static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
        unsigned more = p[0] < 0x80 ? 0 : p[0] >= 0xc2 && p[0] < 0xe0 ? 1 : (p[0] & 0xf0) == 0xe0 ? 2
                        : p[0] >= 0xf0 && p[0] < 0xf5 ? 3 : 4;
        if (more == 4)
                return false;
        uint32_t character = more ? p[0] & (0x3fu >> more) : p[0];
        for (unsigned i = 1; i <= more; i++) {
                if ((p[i] & 0xc0) != 0x80) /* the terminating NUL too */
                        return false;
                character = character << 6 | (p[i] & 0x3fu);
        }
        if (character < least[more] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
                return false;
        *text += more + 1;
        *ret_character = character;
        return true;
}

bool utf8_length(const char *text, size_t *ret_characters) {
        size_t n = 0;
        for (uint32_t character; *text; n++)
                if (!utf8_next(&text, &character))
                        return false;
        *ret_characters = n;
        return true;
}

/* Base letters, three places for each code point; a full stop stays as it is. */
enum { PLACES = 3 };

/* U+00C0 to U+017F: Latin-1 and Latin Extended-A. */
static const char latin[] =
        "a  a  a  a  a  a  ae c  e  e  e  e  i  i  i  i  "
        "d  n  o  o  o  o  o  .  o  u  u  u  u  y  th ss "
        "a  a  a  a  a  a  ae c  e  e  e  e  i  i  i  i  "
        "d  n  o  o  o  o  o  .  o  u  u  u  u  y  th y  "
        "a  a  a  a  a  a  c  c  c  c  c  c  c  c  d  d  "
        "d  d  e  e  e  e  e  e  e  e  e  e  g  g  g  g  "
        "g  g  g  g  h  h  h  h  i  i  i  i  i  i  i  i  "
        "i  i  ij ij j  j  k  k  k  l  l  l  l  l  l  l  "
        "l  l  l  n  n  n  n  n  n  n  ng ng o  o  o  o  "
        "o  o  oe oe r  r  r  r  r  r  s  s  s  s  s  s  "
        "s  s  t  t  t  t  t  t  u  u  u  u  u  u  u  u  "
        "u  u  u  u  w  w  y  y  y  z  z  z  z  z  z  s  ";

/* U+1E00 to U+1EFF: Latin Extended Additional. */
static const char additional[] =
        "a  a  b  b  b  b  b  b  c  c  d  d  d  d  d  d  "
        "d  d  d  d  e  e  e  e  e  e  e  e  e  e  f  f  "
        "g  g  h  h  h  h  h  h  h  h  h  h  i  i  i  i  "
        "k  k  k  k  k  k  l  l  l  l  l  l  l  l  m  m  "
        "m  m  m  m  n  n  n  n  n  n  n  n  o  o  o  o  "
        "o  o  o  o  p  p  p  p  r  r  r  r  r  r  r  r  "
        "s  s  s  s  s  s  s  s  s  s  t  t  t  t  t  t  "
        "t  t  u  u  u  u  u  u  u  u  u  u  v  v  v  v  "
        "w  w  w  w  w  w  w  w  w  w  x  x  x  x  y  y  "
        "z  z  z  z  z  z  h  t  w  y  a  s  s  s  ss d  "
        "a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  a  "
        "a  a  a  a  a  a  a  a  e  e  e  e  e  e  e  e  "
        "e  e  e  e  e  e  e  e  i  i  i  i  o  o  o  o  "
        "o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  "
        "o  o  o  o  u  u  u  u  u  u  u  u  u  u  u  u  "
        "u  u  y  y  y  y  y  y  y  y  ll ll v  v  y  y  ";
_Static_assert(sizeof latin == (0x180 - 0xc0) * PLACES + 1, "one entry for each code point");
_Static_assert(sizeof additional == 0x100 * PLACES + 1, "one entry for each code point");

/* Letters of Latin Extended-B that stand in Romanian and Vietnamese names. */
static const struct {
        uint16_t character;
        char base;
} extended_b[] = {
        { 0x1a0, 'o' }, { 0x1a1, 'o' }, { 0x1af, 'u' }, { 0x1b0, 'u' },
        { 0x218, 's' }, { 0x219, 's' }, { 0x21a, 't' }, { 0x21b, 't' },
};

static void append_character(struct buffer *out, uint32_t c) {
        if (c < 0x80)
                buffer_append_char(out, (char) c);
        else {
                unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
                buffer_append_char(out, (char) ((0xff00u >> (more + 1) & 0xff) | c >> 6 * more));
                while (more--)
                        buffer_append_char(out, (char) (0x80 | (c >> 6 * more & 0x3f)));
        }
}

static void append_base(struct buffer *out, uint32_t c, const char *entry) {
        if (entry[0] == '.')
                append_character(out, c);
        else
                buffer_append(out, entry, entry[1] == ' ' ? 1 : 2);
}

static bool is_one_of(uint32_t c, const uint16_t *set, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (set[i] == c)
                        return true;
        return false;
}

/* Hyphens and apostrophes, which people leave out or type in many ways, and marks that nobody sees. */
static bool is_dropped(uint32_t c) {
        static const uint16_t set[] = {
                '-', '\'', '`', 0xad, 0xb4, 0x2b9, 0x2bb, 0x2bc, 0x2bd, 0x2be, 0x2bf, 0x2c8, 0x2018, 0x2019, 0x201a,
                0x201b, 0x2032, 0x2060, 0x2212, 0xfe63, 0xfeff, 0xff07, 0xff0d,
        };
        return (c >= 0x300 && c <= 0x36f) ||   /* combining marks */
               (c >= 0x200b && c <= 0x2015) || /* zero width, direction, hyphens and dashes */
               (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || /* direction */
               is_one_of(c, set, ELEMENTS(set));
}

static bool is_separator(uint32_t c) {
        if (c < 0x80)
                return !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9');
        static const uint16_t set[] = { 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 };
        return (c >= 0x2000 && c <= 0x200a) || is_one_of(c, set, ELEMENTS(set));
}

enum fold_class fold_character(uint32_t c, struct buffer *out) {
        if (is_dropped(c))
                return FOLD_DROPPED;
        if (is_separator(c))
                return FOLD_SEPARATOR;
        if (c >= 'A' && c <= 'Z')
                append_character(out, c | 0x20);
        else if (c >= 0xc0 && c <= 0x17f)
                append_base(out, c, latin + (c - 0xc0) * PLACES);
        else if (c >= 0x1e00 && c <= 0x1eff)
                append_base(out, c, additional + (c - 0x1e00) * PLACES);
        else {
                for (size_t i = 0; i < ELEMENTS(extended_b); i++)
                        if (extended_b[i].character == c)
                                c = (unsigned char) extended_b[i].base;
                append_character(out, c);
        }
        return FOLD_LETTER;
}
