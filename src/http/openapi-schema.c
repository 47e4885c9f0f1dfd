/* The schemas of bodies, from the same tables that check them. */
#include <string.h>

#include "openapi-schema.h"
#include "http/value.h"

static json_t *object_schema(const struct field *fields);

static json_t *code_schema(const char *list) {
        return json_pack("{s:s, s:s, s:o}", "type", "string", "pattern", "^[A-Za-z0-9_-]{1,64}$", "description",
                         json_sprintf("A code of list %s.", list ? list : ""));
}

static json_t *array_schema(json_t *items, const struct field *field, bool unique) {
        json_t *schema = json_pack("{s:s, s:o}", "type", "array", "items", items);
        if (field->most > 0)
                json_object_set_new(schema, "maxItems", json_integer(field->most));
        if (field->least > 0 || field->required)
                json_object_set_new(schema, "minItems", json_integer(field->least > 0 ? field->least : 1));
        if (unique)
                json_object_set_new(schema, "uniqueItems", json_true());
        return schema;
}

/* Types that are a string with a format or a pattern. */
static json_t *shape_schema(enum field_type type) {
        static const struct {
                enum field_type type;
                const char *word, *value;
        } shapes[] = {
                { FIELD_DATE, "format", "date" },
                { FIELD_TIME, "pattern", "^[0-2][0-9]:[0-5][0-9]$" },
                { FIELD_INSTANT, "format", "date-time" },
                { FIELD_UUID, "format", "uuid" },
                { FIELD_REFERENCE, "pattern", "^[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}$" },
                { FIELD_SLUG, "pattern", "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" },
                { FIELD_EMAIL, "format", "email" },
        };
        for (size_t i = 0; i < ELEMENTS(shapes); i++)
                if (shapes[i].type == type)
                        return json_pack("{s:s, s:s}", "type", "string", shapes[i].word, shapes[i].value);
        return json_pack("{s:s}", "type", "string");
}

static json_t *text_schema(const struct field *field) {
        json_int_t most = field->most > 0 ? field->most : VALUE_TEXT_DEFAULT;
        return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength",
                         (json_int_t) (field->least > 0 ? field->least : 1), "maxLength", most);
}

static json_t *field_schema(const struct field *field) {
        switch (field->type) {
        case FIELD_TEXT:
        case FIELD_LINE: return text_schema(field);
        case FIELD_SECRET: return json_pack("{s:s, s:s, s:b}", "type", "string", "format", "password", "writeOnly", 1);
        case FIELD_CODE: return code_schema(field->list);
        case FIELD_CODES: return array_schema(code_schema(field->list), field, true);
        case FIELD_REFERENCES: return array_schema(shape_schema(FIELD_REFERENCE), field, true);
        case FIELD_BOOLEAN: return json_pack("{s:s}", "type", "boolean");
        case FIELD_INTEGER:
                return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t) field->least, "maximum",
                                 (json_int_t) field->most);
        case FIELD_OBJECT: return object_schema(field->fields);
        case FIELD_OBJECTS: return array_schema(object_schema(field->fields), field, false);
        case FIELD_FREE: return json_pack("{s:s}", "type", "object");
        default: return shape_schema(field->type);
        }
}

static json_t *object_schema(const struct field *fields) {
        json_t *properties = json_object(), *required = json_array();

        for (const struct field *field = fields; field && field->name; field++) {
                json_t *schema = field_schema(field);
                if (field->about)
                        json_object_set_new(schema, "description", json_string(field->about));
                json_object_set_new(properties, field->name, schema);
                if (field->required)
                        json_array_append_new(required, json_string(field->name));
        }
        json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
        if (json_array_size(required) > 0)
                json_object_set(schema, "required", required);
        json_decref(required);
        return schema;
}

json_t *schema_of_body(const struct body_schema *body) {
        return object_schema(body->fields);
}

/* A merge patch requires nothing, and null takes away what need not be there. */
json_t *schema_of_patch(const struct body_schema *body) {
        json_t *schema = object_schema(body->fields), *properties = json_object_get(schema, "properties");
        for (const struct field *field = body->fields; field->name; field++)
                if (!field->required)
                        json_object_set_new(properties, field->name,
                                            json_pack("{s:[O, {s:s}]}", "anyOf", json_object_get(properties, field->name),
                                                      "type", "null"));
        json_object_del(schema, "required");
        return schema;
}

json_t *schema_of_parameter(const struct parameter *parameter) {
        json_t *schema;
        switch (parameter->type) {
        case PARAMETER_UUID: schema = shape_schema(FIELD_UUID); break;
        case PARAMETER_REFERENCE: schema = shape_schema(FIELD_REFERENCE); break;
        case PARAMETER_DATE: schema = shape_schema(FIELD_DATE); break;
        case PARAMETER_CODE: schema = code_schema(parameter->list); break;
        case PARAMETER_BOOLEAN: schema = json_pack("{s:s}", "type", "boolean"); break;
        case PARAMETER_INTEGER:
                schema = json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t) parameter->least, "maximum",
                                   (json_int_t) parameter->most);
                break;
        case PARAMETER_HASH: schema = json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9a-f]{64}$"); break;
        case PARAMETER_TEXT:
                schema = json_pack("{s:s, s:I}", "type", "string", "maxLength", (json_int_t) parameter->most);
                break;
        default: schema = json_pack("{s:s}", "type", "string"); break;
        }
        if (parameter->default_value)
                json_object_set_new(schema, "default", parameter->type == PARAMETER_INTEGER
                                                               ? json_integer(strtoll(parameter->default_value, NULL, 10))
                                                               : json_string(parameter->default_value));
        return schema;
}
