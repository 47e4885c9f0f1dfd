#include "definition.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void definition_fault(struct check *check, const char *pointer, const char *format, ...) {
        char text[400];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        buffer_append_format(check->errors, "%s#%s: %s\n", check->name, pointer, text);
        check->faults++;
}

const char *definition_text(const json_t *object, const char *name) {
        return json_string_value(json_object_get(object, name));
}

int definition_state(const struct check *check, const char *state) {
        size_t n;
        json_t *one;
        json_array_foreach (json_object_get(check->definition, "states"), n, one)
                if (state && definition_text(one, "state") && strcmp(definition_text(one, "state"), state) == 0)
                        return (int) n;
        return -1;
}

unsigned pathway_definition_check(const char *name, const char *text, size_t size, const json_t *vocabulary,
                                  struct buffer *errors) {
        struct check check = { .name = name, .vocabulary = vocabulary, .errors = errors };
        json_error_t error;
        if (size > DEFINITION_SIZE_MAX) {
                definition_fault(&check, "", "the file is larger than %d bytes", DEFINITION_SIZE_MAX);
                return check.faults;
        }
        json_t *definition = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        if (!definition)
                definition_fault(&check, "", "this is not JSON: %s on line %d", error.text, error.line);
        else if (!json_is_object(definition))
                definition_fault(&check, "", "this is not an object");
        else {
                check.definition = definition;
                definition_check_parts(&check);
                if (check.faults == 0)
                        definition_check_graph(&check);
        }
        json_decref(definition);
        return check.faults;
}
