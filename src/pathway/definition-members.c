/* Holds an object to a table of members: which there must be, of what form, and that what they name exists. */
#include <stdio.h>
#include <string.h>

#include "definition.h"
#include "http/body.h"

static bool is_of(const char *text, const char *characters) {
        return *text && strlen(text) <= 60 && !text[strspn(text, characters)];
}

static bool is_word(const char *words, const char *text) {
        size_t size = strlen(text);
        for (const char *p = words; *p; p += strspn(p, " ")) {
                size_t length = strcspn(p, " ");
                if (length == size && memcmp(p, text, size) == 0)
                        return true;
                p += length;
        }
        return false;
}

bool definition_holds(const json_t *array, const char *text) {
        size_t n;
        json_t *one;
        json_array_foreach (array, n, one)
                if (json_is_string(one) && strcmp(json_string_value(one), text) == 0)
                        return true;
        return false;
}

const json_t *definition_codes(const struct check *check, const char *list) {
        return json_object_get(json_object_get(check->vocabulary, "lists"), list);
}

/* One text of the kind; for arrays, each of theirs. */
static void check_word(struct check *check, const struct member *member, const char *text, const char *pointer) {
        const json_t *vocabulary = check->vocabulary;
        switch (member->kind) {
        case KIND_DATE:
                if (!text_is_date(text))
                        definition_fault(check, pointer, "this must be a date, like 2026-03-27");
                break;
        case KIND_UPPER:
                if (!is_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
                        definition_fault(check, pointer, "a code is made of A to Z, 0 to 9 and _");
                break;
        case KIND_LOWER:
                if (!is_of(text, "abcdefghijklmnopqrstuvwxyz0123456789_"))
                        definition_fault(check, pointer, "a name is made of a to z, 0 to 9 and _");
                break;
        case KIND_CHOICE:
        case KIND_CHOICES:
                if (!is_word(member->words, text))
                        definition_fault(check, pointer, "%s is none of %s", text, member->words);
                break;
        case KIND_STATE:
        case KIND_STATES:
                if (definition_state(check, text) < 0)
                        definition_fault(check, pointer, "there is no state %s", text);
                break;
        case KIND_ROLES:
                if (!definition_holds(json_object_get(vocabulary, "roles"), text))
                        definition_fault(check, pointer, "there is no role %s", text);
                break;
        case KIND_CODES:
                if (!definition_holds(definition_codes(check, member->words), text))
                        definition_fault(check, pointer, "there is no code %s in list %s", text, member->words);
                break;
        case KIND_CAPABILITY:
                if (!definition_holds(json_object_get(vocabulary, "capabilities"), text))
                        definition_fault(check, pointer, "there is no capability %s", text);
                break;
        case KIND_RETENTION:
                if (!definition_holds(json_object_get(vocabulary, "retention_classes"), text))
                        definition_fault(check, pointer, "there is no class of retention %s", text);
                break;
        default:
                break;
        }
}

static void check_array(struct check *check, const struct member *member, const json_t *value, const char *pointer) {
        char inner[DEFINITION_POINTER_MAX + 24];
        size_t n, i;
        json_t *one, *other;
        if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > DEFINITION_STATES_MAX) {
                definition_fault(check, pointer, "this must be a list of 1 to %d", DEFINITION_STATES_MAX);
                return;
        }
        json_array_foreach (value, n, one) {
                snprintf(inner, sizeof inner, "%s/%zu", pointer, n);
                if (!json_is_string(one))
                        definition_fault(check, inner, "this must be a text");
                else
                        check_word(check, member, json_string_value(one), inner);
                json_array_foreach (value, i, other)
                        if (i < n && json_equal(one, other))
                                definition_fault(check, inner, "this stands here twice");
        }
}

static void check_member(struct check *check, const struct member *member, const json_t *value, const char *pointer) {
        switch (member->kind) {
        case KIND_OTHER:
                break;
        case KIND_BOOLEAN:
                if (!json_is_boolean(value))
                        definition_fault(check, pointer, "this must be true or false");
                break;
        case KIND_INTEGER:
                if (!json_is_integer(value) || json_integer_value(value) < member->least ||
                    json_integer_value(value) > member->most)
                        definition_fault(check, pointer, "this must be a number from %d to %d", member->least,
                                         member->most);
                break;
        case KIND_CHOICES:
        case KIND_ROLES:
        case KIND_STATES:
        case KIND_CODES:
                check_array(check, member, value, pointer);
                break;
        default:
                if (!json_is_string(value) || json_string_length(value) == 0)
                        definition_fault(check, pointer, "this must be a text");
                else
                        check_word(check, member, json_string_value(value), pointer);
        }
}

void definition_check_object(struct check *check, json_t *object, const struct member *members, const char *prefix) {
        char pointer[DEFINITION_POINTER_MAX];
        const char *name;
        json_t *value;
        if (!json_is_object(object)) {
                definition_fault(check, prefix, "this must be an object");
                return;
        }
        for (const struct member *member = members; member->name; member++) {
                snprintf(pointer, sizeof pointer, "%s/%s", prefix, member->name);
                value = json_object_get(object, member->name);
                if (value)
                        check_member(check, member, value, pointer);
                else if (!member->optional)
                        definition_fault(check, pointer, "this is missing");
        }
        json_object_foreach (object, name, value) {
                const struct member *member = members;
                while (member->name && strcmp(member->name, name) != 0)
                        member++;
                if (!member->name)
                        definition_fault(check, prefix, "there is no member %.60s", name);
        }
}
