#include "ready.h"

#include <jansson.h>
#include <string.h>

/* One row for each item that the database may name; api.md and issue 8 ask for these before the first real record. */
static const struct {
        const char *item, *words;
} items[] = {
        { "second_factor",
          "The roles that see most must give a second factor when they sign in, and this is switched off. Switch it on:\n"
          "    upstander admin site set second_factor required\n" },
        { "retention",
          "The partnership has not agreed how long records are kept. Look at the schedule, change what must be changed,\n"
          "and record that it is agreed:\n"
          "    upstander admin site set retention_agreed yes\n" },
        { "calendar",
          "The calendar of bank holidays ends too soon for deadlines to be reckoned. Import GOV.UK's newer one:\n"
          "    upstander admin calendar import bank-holidays.json\n" },
};

int ready_explain(const char *body, struct buffer *words, bool *ret_demonstration) {
        json_error_t error;
        json_t *answer = json_loads(body ? body : "", JSON_REJECT_DUPLICATES, &error);
        const json_t *missing = json_object_get(answer, "missing"), *demonstration = json_object_get(answer, "demonstration");
        int result = -1;
        if (json_is_array(missing) && json_is_boolean(demonstration)) {
                result = json_array_size(missing) > 0;
                *ret_demonstration = json_is_true(demonstration);
                for (size_t n = 0; n < json_array_size(missing); n++) {
                        const char *item = json_string_value(json_array_get(missing, n)), *found = NULL;
                        for (size_t i = 0; item && i < ELEMENTS(items); i++)
                                if (strcmp(items[i].item, item) == 0)
                                        found = items[i].words;
                        buffer_append_format(words, "\n%s", found ? found : "");
                        if (!found)
                                buffer_append_format(words, "The database says that this is missing: %s\n", item ? item : "?");
                }
        }
        json_decref(answer);
        return result;
}
