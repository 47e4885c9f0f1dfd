#include <errno.h>
#include <string.h>

#include "aead.h"
#include "base/memory.h"
#include "crypto/digest.h"
#include "sealed-text.h"

enum { WRAPPED_LENGTH = BASE64URL_LENGTH(KEYRING_KEY_SIZE + AEAD_OVERHEAD) };

static const char member_name[] = "$sealed\"";
static const char erased_object[] = "{\"erased\": true}";

struct run {
        const char *text;
        size_t size;
};

/* An envelope taken apart; the runs lie in the JSON text. */
struct envelope {
        char table[SEAL_NAME_MAX + 1], column[SEAL_NAME_MAX + 1], row[UUID_TEXT], owner[UUID_TEXT];
        struct run kek_id, wrapped;
        struct run key; /* both of them, with the dot between */
        struct run sealed;
        bool erased;
};

/* One splice. The last data key is kept, because the values of one incident follow one another in a reply. */
struct splice {
        const struct keyring *keyring;
        const char *json, *end;
        const char *copied; /* up to here the text is in `out` or replaced */
        struct buffer *out;
        struct data_key key;
        char key_owner[UUID_TEXT];
        struct run key_text; /* what it was unwrapped from; size 0 while there is none */
        unsigned char *scratch; /* two halves: sealed bytes, opened bytes */
        size_t scratch_size;
};

/* A `$sealed` member: from the quote of its name to behind its value. */
struct member {
        const char *start, *stop;
        struct run envelope; /* text NULL when the value is null */
        bool alone;
};

static bool is_space(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static const char *skip_spaces(const char *p, const char *end) {
        while (p < end && is_space(*p))
                p++;
        return p;
}

static struct run next_part(struct run *rest) {
        const char *dot = memchr(rest->text, '.', rest->size);
        size_t size = dot ? (size_t) (dot - rest->text) : rest->size, used = dot ? size + 1 : size;
        struct run part = { rest->text, size };
        *rest = (struct run) { rest->text + used, rest->size - used };
        return part;
}

static bool run_is(struct run run, const char *s) {
        return run.size == strlen(s) && memcmp(run.text, s, run.size) == 0;
}

static bool copy_name(struct run part, char ret_name[static SEAL_NAME_MAX + 1]) {
        if (!seal_name_is_valid(part.text, part.size))
                return false;
        memcpy(ret_name, part.text, part.size);
        ret_name[part.size] = '\0';
        return true;
}

static int parse_envelope(struct run text, struct envelope *ret) {
        struct run rest = text;
        if (!copy_name(next_part(&rest), ret->table) || !copy_name(next_part(&rest), ret->column))
                return -EBADMSG;
        struct run row = next_part(&rest), owner = next_part(&rest), version = next_part(&rest);
        if (!seal_uuid_fold(row.text, row.size, ret->row) || !seal_uuid_fold(owner.text, owner.size, ret->owner))
                return -EBADMSG;
        ret->erased = run_is(version, "erased");
        if (ret->erased)
                return 0;
        if (!run_is(version, "k1"))
                return -EBADMSG;
        ret->kek_id = next_part(&rest);
        ret->wrapped = next_part(&rest);
        if (ret->wrapped.size != WRAPPED_LENGTH || !run_is(next_part(&rest), "s1"))
                return -EBADMSG;
        ret->key = (struct run) { ret->kek_id.text, ret->kek_id.size + 1 + ret->wrapped.size };
        /* What remains must be one part: a dot in it is no base64url and is refused there. */
        ret->sealed = rest;
        return 0;
}

static int take_key(struct splice *splice, const struct envelope *envelope) {
        const struct run *held = &splice->key_text, *wanted = &envelope->key;
        if (held->size && strcmp(splice->key_owner, envelope->owner) == 0 && held->size == wanted->size &&
            memcmp(held->text, wanted->text, held->size) == 0)
                return 0;
        int r = seal_unwrap(splice->keyring, envelope->owner, envelope->kek_id.text, envelope->kek_id.size,
                            envelope->wrapped.text, envelope->wrapped.size, &splice->key);
        if (r < 0)
                return r;
        memcpy(splice->key_owner, envelope->owner, sizeof splice->key_owner);
        splice->key_text = *wanted;
        return 0;
}

static void reserve_scratch(struct splice *splice, size_t size) {
        if (size <= splice->scratch_size)
                return;
        memory_erase(splice->scratch, splice->scratch_size * 2);
        free(splice->scratch);
        splice->scratch_size = size < 4096 ? 4096 : size;
        splice->scratch = memory_new(2, splice->scratch_size);
}

/* The opened value, which lies in the scratch memory until the next one. */
static int open_envelope(struct splice *splice, struct run text, struct run *ret_opened) {
        struct envelope envelope;
        char aad[SEAL_AAD];
        size_t aad_size, size;
        int r = parse_envelope(text, &envelope);
        if (r < 0)
                return r;
        if (envelope.erased) {
                *ret_opened = (struct run) { erased_object, sizeof erased_object - 1 };
                return 0;
        }
        if (envelope.sealed.size > BASE64URL_LENGTH((size_t) SEAL_VALUE_MAX + AEAD_OVERHEAD))
                return -E2BIG;
        r = take_key(splice, &envelope);
        if (r < 0)
                return r;
        r = seal_value_aad(&splice->key, envelope.table, envelope.column, envelope.row, aad, &aad_size);
        if (r < 0)
                return r;

        reserve_scratch(splice, envelope.sealed.size);
        unsigned char *sealed = splice->scratch, *plain = sealed + splice->scratch_size;
        r = base64url_decode(envelope.sealed.text, envelope.sealed.size, sealed, splice->scratch_size, &size);
        if (r < 0)
                return -EBADMSG;
        r = aead_open(splice->key.key, aad, aad_size, sealed, size, plain);
        if (r < 0)
                return r;
        *ret_opened = (struct run) { (const char *) plain, size - AEAD_OVERHEAD };
        return 0;
}

/* The next `$sealed` member at or behind `from`. Returns 1, 0 when there is none, or -EBADMSG.
 *
 * In a JSON text a quote stands bare only where a string begins or ends; within a string it is written \". So the name
 * with a bare quote on both sides is a whole string, and a name when a colon follows. A quote before it that has a
 * backslash before itself lies within a string, whatever follows. */
static int next_member(const struct splice *splice, const char *from, struct member *ret) {
        const char *end = splice->end, *at = from;
        for (;; at++) {
                at = memchr(at, '$', (size_t) (end - at));
                if (!at)
                        return 0;
                if (at == splice->json || at[-1] != '"' || (size_t) (end - at) < sizeof member_name - 1 ||
                    memcmp(at, member_name, sizeof member_name - 1) != 0)
                        continue;
                const char *before = at - 1;
                while (before > splice->json && is_space(before[-1]))
                        before--;
                if (before == at - 1 && before > splice->json && before[-1] == '\\')
                        continue;
                const char *p = skip_spaces(at + sizeof member_name - 1, end);
                if (p == end || *p != ':')
                        continue;
                if (before == splice->json || (before[-1] != '{' && before[-1] != ','))
                        return -EBADMSG;

                p = skip_spaces(p + 1, end);
                if ((size_t) (end - p) >= 4 && memcmp(p, "null", 4) == 0) {
                        *ret = (struct member) { at - 1, p + 4, { 0 } };
                } else {
                        /* An envelope holds nothing that JSON escapes, so its string ends at the next quote. */
                        const char *quote = p < end && *p == '"' ? memchr(p + 1, '"', (size_t) (end - p - 1)) : NULL;
                        if (!quote)
                                return -EBADMSG;
                        *ret = (struct member) { at - 1, quote + 1, { p + 1, (size_t) (quote - p - 1) } };
                }
                const char *next = skip_spaces(ret->stop, end);
                if (next == end || (*next != '}' && *next != ','))
                        return -EBADMSG;
                ret->alone = before[-1] == '{' && *next == '}';
                return 1;
        }
}

static void copy_up_to(struct splice *splice, const char *p) {
        buffer_append(splice->out, splice->copied, (size_t) (p - splice->copied));
        splice->copied = p;
}

/* `{"$sealed": "..."}` becomes the value. */
static void replace_object(struct splice *splice, const struct member *member, struct run opened) {
        const char *brace = member->start - 1;
        while (*brace != '{')
                brace--;
        copy_up_to(splice, brace);
        buffer_append(splice->out, opened.text, opened.size);
        splice->copied = skip_spaces(member->stop, splice->end) + 1;
}

static void drop_last_comma(struct buffer *out, size_t from) {
        size_t size = out->size;
        while (size > from && is_space(out->data[size - 1]))
                size--;
        if (size > from && out->data[size - 1] == ',') {
                out->size = size - 1;
                out->data[out->size] = '\0';
        }
}

/* `"$sealed": "..."` among others becomes the members of the value; with none, one of the commas goes too. */
static int replace_member(struct splice *splice, const struct member *member, struct run opened, size_t out_start) {
        const char *p = skip_spaces(opened.text, opened.text + opened.size), *q = opened.text + opened.size;
        while (q > p && is_space(q[-1]))
                q--;
        if (q - p < 2 || *p != '{' || q[-1] != '}')
                return -EBADMSG;
        p = skip_spaces(p + 1, q - 1);
        q--;
        while (q > p && is_space(q[-1]))
                q--;

        copy_up_to(splice, member->start);
        if (q > p) {
                buffer_append(splice->out, p, (size_t) (q - p));
                splice->copied = member->stop;
                return 0;
        }
        const char *next = skip_spaces(member->stop, splice->end);
        if (*next == ',') {
                splice->copied = skip_spaces(next + 1, splice->end);
        } else {
                drop_last_comma(splice->out, out_start);
                splice->copied = next;
        }
        return 0;
}

static int replace(struct splice *splice, const struct member *member, size_t out_start) {
        struct run opened = { 0 };
        if (member->envelope.text) {
                int r = open_envelope(splice, member->envelope, &opened);
                if (r < 0)
                        return r;
        } else
                opened = member->alone ? (struct run) { "null", 4 } : (struct run) { "{}", 2 };
        if (!member->alone)
                return replace_member(splice, member, opened, out_start);
        replace_object(splice, member, opened);
        return 0;
}

static void splice_clear(struct splice *splice) {
        data_key_erase(&splice->key);
        memory_erase(splice->scratch, splice->scratch_size * 2);
        free(splice->scratch);
}

int seal_splice(const struct keyring *keyring, const char *json, size_t size, struct buffer *out) {
        if (size > SEAL_SPLICE_MAX)
                return -E2BIG;
        _cleanup_(splice_clear) struct splice splice = {
                .keyring = keyring, .json = json, .end = json + size, .copied = json, .out = out,
        };
        size_t before = out->size, envelopes = 0;
        struct member member;
        int r = size ? next_member(&splice, json, &member) : 0;
        if (r == 0)
                return SEAL_NOTHING;
        while (r > 0) {
                r = ++envelopes > SEAL_ENVELOPES_MAX ? -E2BIG : replace(&splice, &member, before);
                if (r == 0)
                        r = next_member(&splice, splice.copied, &member);
        }
        if (r < 0) {
                /* What was opened before the fault leaves nothing behind. */
                if (out->data)
                        memory_erase(out->data + before, out->size - before);
                out->size = before;
                return r;
        }
        copy_up_to(&splice, splice.end);
        return 0;
}
