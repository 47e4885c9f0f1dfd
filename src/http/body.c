#include "http/body.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/uuid.h"
#include "http/value.h"

/* One check under way. */
struct check {
        code_exists_fn code_exists;
        json_t *faults;
        bool patch;
};

/* Member names come from the sender: only a bounded part of one is repeated. */
enum { POINTER_MAX = 256 };

void fault_add(json_t *faults, const char *pointer, const char *code, const char *message) {
        if (json_array_size(faults) >= BODY_FAULTS_MAX)
                return;
        json_array_append_new(faults, json_pack("{s:s, s:s, s:s}", "field", pointer, "code", code, "message", message));
}

_printf_(4, 5)
static void fault(const struct check *check, const char *pointer, const char *code, const char *format, ...) {
        char message[256];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        fault_add(check->faults, pointer, code, message);
}

/* prefix/name with the name escaped as RFC 6901 asks; cut between characters when it is too long. */
static void join_pointer(char out[static POINTER_MAX], const char *prefix, const char *name) {
        size_t n = strlen(prefix); /* below POINTER_MAX: it came from here. No printf, since every member passes here */
        memcpy(out, prefix, n + 1);
        if (n >= POINTER_MAX - 9)
                return;
        out[n++] = '/';
        for (const char *p = name; *p && n < POINTER_MAX - 8; p++) {
                if ((*p & 0xc0) != 0x80 && n > POINTER_MAX - 16)
                        break;
                if (*p == '~' || *p == '/') {
                        out[n++] = '~';
                        out[n++] = *p == '~' ? '0' : '1';
                } else
                        out[n++] = *p;
        }
        out[n] = '\0';
}

static void check_object(const struct check *check, json_t *object, const struct field *fields, const char *prefix);

static void check_text(const struct check *check, json_t *value, const struct field *field, const char *pointer) {
        char *text = value_trim(json_string_value(value), field->type == FIELD_TEXT);
        long long most = field->most > 0 ? field->most : VALUE_TEXT_DEFAULT;
        long long length = (long long) value_length(text);

        json_string_set(value, text);
        if (length == 0)
                fault(check, pointer, field->required ? "required" : "empty", "Enter an answer");
        else if (value_has_control(text, field->type == FIELD_TEXT))
                fault(check, pointer, "control_characters", "Take out characters that cannot be seen");
        else if (length > most)
                fault(check, pointer, "too_long", "Use %lld characters or fewer", most);
        else if (length < field->least)
                fault(check, pointer, "too_short", "Use %lld characters or more", field->least);
        free(text);
}

static void check_secret(const struct check *check, json_t *value, const struct field *field, const char *pointer) {
        long long length = (long long) value_length(json_string_value(value));
        if (length == 0)
                fault(check, pointer, "required", "Enter an answer");
        else if (length > (field->most > 0 ? field->most : 256))
                fault(check, pointer, "too_long", "This is too long");
}

static void check_choices(const struct check *check, json_t *array, const struct field *field, const char *pointer) {
        char item_pointer[POINTER_MAX], name[24];
        json_t *item;
        size_t i;

        if (field->most > 0 && (long long) json_array_size(array) > field->most) {
                fault(check, pointer, "too_many", "Choose %lld or fewer", field->most);
                return;
        }
        if ((long long) json_array_size(array) < (field->required && field->least == 0 ? 1 : field->least)) {
                fault(check, pointer, "required", "Choose at least one");
                return;
        }
        json_array_foreach(array, i, item) {
                snprintf(name, sizeof(name), "%zu", i);
                join_pointer(item_pointer, pointer, name);
                const char *text = json_string_value(item);
                char reference[REFERENCE_TEXT];
                if (field->type == FIELD_REFERENCES && (!text || !reference_parse(text, reference))) {
                        fault(check, item_pointer, "not_a_reference", "Enter a reference, like UP-7K3M-9Q2Y");
                        continue;
                }
                if (field->type == FIELD_REFERENCES)
                        json_string_set(item, reference); /* however it was typed; so a repetition is seen as one */
                if (field->type == FIELD_CODES && (!text || !check->code_exists(field->list, text))) {
                        fault(check, item_pointer, "unknown_code", "Choose one of the answers offered");
                        continue;
                }
                for (size_t j = 0; j < i; j++)
                        if (json_equal(json_array_get(array, j), item)) {
                                fault(check, item_pointer, "repeated", "Choose each answer once");
                                break;
                        }
        }
}

static void check_objects(const struct check *check, json_t *array, const struct field *field, const char *pointer) {
        char item_pointer[POINTER_MAX], name[24];
        json_t *item;
        size_t i;

        if (field->most > 0 && (long long) json_array_size(array) > field->most) {
                fault(check, pointer, "too_many", "Give %lld or fewer", field->most);
                return;
        }
        if ((long long) json_array_size(array) < (field->required && field->least == 0 ? 1 : field->least))
                fault(check, pointer, "required", "Give at least one");
        json_array_foreach(array, i, item) {
                snprintf(name, sizeof(name), "%zu", i);
                join_pointer(item_pointer, pointer, name);
                if (json_is_object(item))
                        check_object(check, item, field->fields, item_pointer);
                else
                        fault(check, item_pointer, "wrong_type", "This must be an object");
        }
}

/* A free object is checked by its handler; but a name that would look like sealed content is refused everywhere. */
static void check_free(const struct check *check, json_t *value, const char *pointer) {
        char inner[POINTER_MAX], index[24];
        const char *name;
        json_t *item;
        size_t i;

        json_object_foreach(value, name, item) {
                join_pointer(inner, pointer, name);
                if (name[0] == '$')
                        fault(check, inner, "reserved_name", "Names that begin with $ are not accepted");
                else
                        check_free(check, item, inner);
        }
        json_array_foreach(value, i, item) {
                snprintf(index, sizeof(index), "%zu", i);
                join_pointer(inner, pointer, index);
                check_free(check, item, inner);
        }
}

/* Types whose value is a text of one shape. */
static void check_shape(const struct check *check, json_t *value, const struct field *field, const char *pointer) {
        const char *text = json_string_value(value);
        char reference[REFERENCE_TEXT];

        switch (field->type) {
        case FIELD_CODE:
                if (!check->code_exists(field->list, text))
                        fault(check, pointer, "unknown_code", "Choose one of the answers offered");
                break;
        case FIELD_DATE:
                if (!text_is_date(text))
                        fault(check, pointer, "not_a_date", "Enter a real date, like 27 3 2026");
                break;
        case FIELD_TIME:
                if (!value_is_time(text))
                        fault(check, pointer, "not_a_time", "Enter a time, like 14:30");
                break;
        case FIELD_INSTANT:
                if (!value_is_instant(text))
                        fault(check, pointer, "not_an_instant", 
                              "Enter a real date and time with its offset, like 2026-03-27T14:30:00Z");
                break;
        case FIELD_UUID:
                if (!uuid_is_valid(text))
                        fault(check, pointer, "not_a_uuid", "This must be an identifier");
                break;
        case FIELD_REFERENCE:
                if (reference_parse(text, reference))
                        json_string_set(value, reference);
                else
                        fault(check, pointer, "not_a_reference", "Enter a reference, like UP-7K3M-9Q2Y");
                break;
        case FIELD_SLUG:
                if (!value_is_slug(text))
                        fault(check, pointer, "not_a_name", "Use a to z, 0 to 9 and hyphens");
                break;
        case FIELD_EMAIL: {
                _cleanup_free_ char *trimmed = value_trim(text, false);
                json_string_set(value, trimmed);
                if (!value_is_email(trimmed))
                        fault(check, pointer, "not_an_email", "Enter an email address, like name@example.test");
                break;
        }
        default:
                break;
        }
}

static void check_integer(const struct check *check, json_t *value, const struct field *field, const char *pointer) {
        long long n = json_integer_value(value);
        if (n < field->least || n > field->most)
                fault(check, pointer, "out_of_range", "Enter a number from %lld to %lld", field->least, field->most);
}

static const struct {
        json_type type;
        const char *message;
        void (*check)(const struct check *check, json_t *value, const struct field *field, const char *pointer);
} types[] = {
        [FIELD_TEXT] = { JSON_STRING, "This must be text", check_text },
        [FIELD_LINE] = { JSON_STRING, "This must be text", check_text },
        [FIELD_CODE] = { JSON_STRING, "Choose one of the answers offered", check_shape },
        [FIELD_CODES] = { JSON_ARRAY, "This must be a list of codes", check_choices },
        [FIELD_BOOLEAN] = { JSON_TRUE, "This must be true or false", NULL },
        [FIELD_INTEGER] = { JSON_INTEGER, "Enter a whole number", check_integer },
        [FIELD_DATE] = { JSON_STRING, "Enter a real date", check_shape },
        [FIELD_TIME] = { JSON_STRING, "Enter a time, like 14:30", check_shape },
        [FIELD_INSTANT] = { JSON_STRING, "Enter a real date and time", check_shape },
        [FIELD_UUID] = { JSON_STRING, "This must be an identifier", check_shape },
        [FIELD_REFERENCE] = { JSON_STRING, "Enter a reference", check_shape },
        [FIELD_REFERENCES] = { JSON_ARRAY, "This must be a list of references", check_choices },
        [FIELD_SLUG] = { JSON_STRING, "Use a to z, 0 to 9 and hyphens", check_shape },
        [FIELD_EMAIL] = { JSON_STRING, "Enter an email address", check_shape },
        [FIELD_SECRET] = { JSON_STRING, "This must be text", check_secret },
        [FIELD_OBJECT] = { JSON_OBJECT, "This must be an object", NULL },
        [FIELD_OBJECTS] = { JSON_ARRAY, "This must be a list", check_objects },
        [FIELD_FREE] = { JSON_OBJECT, "This must be an object", NULL },
};

static void check_value(const struct check *check, json_t *value, const struct field *field, const char *pointer) {
        bool fits = field->type == FIELD_BOOLEAN ? json_is_boolean(value)
                                                 : json_typeof(value) == types[field->type].type;

        if (check->patch && json_is_null(value) && !field->required)
                return;
        if (!fits)
                fault(check, pointer, field->type == FIELD_DATE ? "not_a_date" : "wrong_type", "%s",
                      types[field->type].message);
        else if (field->type == FIELD_OBJECT)
                check_object(check, value, field->fields, pointer);
        else if (field->type == FIELD_FREE)
                check_free(check, value, pointer);
        else if (types[field->type].check)
                types[field->type].check(check, value, field, pointer);
}

static const struct field *find_field(const struct field *fields, const char *name) {
        for (; fields->name; fields++)
                if (strcmp(fields->name, name) == 0)
                        return fields;
        return NULL;
}

static bool is_choice(const struct field *field) {
        return field->type == FIELD_CODE || field->type == FIELD_CODES || field->type == FIELD_REFERENCES;
}

static void check_object(const struct check *check, json_t *object, const struct field *fields, const char *prefix) {
        char pointer[POINTER_MAX];
        const char *name;
        json_t *value;

        json_object_foreach(object, name, value) {
                if (find_field(fields, name))
                        continue;
                join_pointer(pointer, prefix, name);
                if (name[0] == '$')
                        fault(check, pointer, "reserved_name", "Names that begin with $ are not accepted");
                else
                        fault(check, pointer, "unknown_member", "There is no such question");
        }
        for (const struct field *field = fields; field->name; field++) {
                join_pointer(pointer, prefix, field->name);
                value = json_object_get(object, field->name);
                if (value)
                        check_value(check, value, field, pointer);
                else if (field->required && !check->patch)
                        fault(check, pointer, "required", is_choice(field) ? "Choose an answer" : "Enter an answer");
        }
}

void body_check(json_t *body, const struct field *fields, const char *prefix, code_exists_fn code_exists,
                json_t *faults) {
        check_object(&(struct check) { code_exists, faults, false }, body, fields, prefix);
}

void body_check_patch(json_t *body, const struct field *fields, code_exists_fn code_exists, json_t *faults) {
        check_object(&(struct check) { code_exists, faults, true }, body, fields, "");
}
