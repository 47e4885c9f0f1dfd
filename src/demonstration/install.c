#include "demonstration/install.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crypto/index.h"
#include "crypto/password.h"
#include "db/owner.h"
#include "internal.h"

#define PASSWORD "upstander-demo"

enum { SEED = 20260322, CHUNK = 50, SPAN = 548 * DAY, NEW_TODAY = 12 };

static int fail(char **ret_error, const char *what) {
        *ret_error = memory_copy_string(what);
        return -1;
}

static json_t *read_config(const struct demonstration_target *target, const char *name) {
        const struct embedded_file *file = embedded_find(target->config, name);
        return file ? json_loadb((const char *) file->data, file->size, 0, NULL) : NULL;
}

/* Runs a function that answers NULL, or in words why it did nothing. */
static int ask(const struct demonstration_target *target, const char *sql, const json_t *value, const char *second, char **ret_error) {
        _cleanup_free_ char *text = json_dumps(value, JSON_COMPACT), *refusal = NULL;
        const char *const values[] = { text, second };
        int r = owner_ask(target->conninfo, sql, values, second ? 2 : 1, &refusal, ret_error);
        if (r == 0 && refusal)
                return fail(ret_error, refusal);
        return r;
}

static json_t *indexes_of(const struct keyring *keyring, const char *name, const char *email) {
        json_t *indexes = json_array();
        char value[INDEX_TEXT];
        if (index_name(keyring, name, value) == 0)
                json_array_append_new(indexes, json_pack("{s:s, s:s}", "kind", "NAME", "value", value));
        if (index_first_and_last_name(keyring, name, value) == 0)
                json_array_append_new(indexes, json_pack("{s:s, s:s}", "kind", "NAME_ENDS", "value", value));
        if (index_initial_and_last_name(keyring, name, value) == 0)
                json_array_append_new(indexes, json_pack("{s:s, s:s}", "kind", "NAME_ENDS", "value", value));
        if (index_email(keyring, email, value) == 0)
                json_array_append_new(indexes, json_pack("{s:s, s:s}", "kind", "EMAIL", "value", value));
        return indexes;
}

static void add_uuid(json_t *object, const char *member) {
        char id[UUID_TEXT];
        uuid_new(id);
        json_object_set_new(object, member, json_string(id));
}

/* One hash for all accounts: it takes a tenth of a second, and the password is printed at the door. */
static int install_partnership(const struct demonstration_target *target, char **ret_error) {
        json_t *partnership = read_config(target, "demonstration/partnership.json"), *item;
        char hash[PASSWORD_HASH];
        size_t i;

        if (!partnership || password_hash(PASSWORD, hash) != 0)
                return fail(ret_error, "the demonstration's partnership cannot be read");
        json_array_foreach(json_object_get(partnership, "organisations"), i, item)
                add_uuid(item, "id");
        json_array_foreach(json_object_get(partnership, "accounts"), i, item) {
                add_uuid(item, "id");
                add_uuid(item, "grant");
                json_object_set_new(item, "indexes", indexes_of(target->keyring, json_string_value(json_object_get(item, "name")),
                                                                json_string_value(json_object_get(item, "email"))));
        }
        int r = ask(target, "select upstander.demonstration_partnership($1::jsonb, $2)", partnership, hash, ret_error);
        json_decref(partnership);
        return r;
}

/* When report `i` was sent: more of late than long ago, in working hours, in order; the last ones today. */
static int64_t time_of(struct chance *chance, int64_t now, unsigned i) {
        if (i >= DEMONSTRATION_REPORTS - NEW_TODAY)
                return now - (int64_t) (DEMONSTRATION_REPORTS - i) * 14 * MINUTE;
        double share = (i + 0.5) / (DEMONSTRATION_REPORTS - NEW_TODAY);
        int64_t back = (int64_t) (SPAN * (1 - share) * (1 - share));
        int64_t day = (now - DAY - back) / DAY * DAY;
        int64_t at = past_weekend(day + 8 * HOUR + 30 * MINUTE + chance_between(chance, 0, 8 * HOUR));
        /* Monday may still lie ahead. */
        return at < now - 3 * HOUR ? at : now - DAY;
}

static int install_reports(const struct demonstration_target *target, const struct material *material, char **ret_error) {
        struct chance chance = { SEED };
        int r = 0;

        for (unsigned i = 0; i < DEMONSTRATION_REPORTS && r == 0; i += CHUNK) {
                json_t *reports = json_array();
                for (unsigned n = i; n < i + CHUNK && n < DEMONSTRATION_REPORTS && r == 0; n++) {
                        json_t *report = report_make(material, &chance, time_of(&chance, material->now, n));
                        if (report)
                                json_array_append_new(reports, report);
                        else
                                r = fail(ret_error, "a report of the demonstration could not be sealed");
                }
                if (r == 0)
                        r = ask(target, "select upstander.demonstration_file($1::jsonb)", reports, NULL, ret_error);
                json_decref(reports);
        }
        return r;
}

int demonstration_install(const struct demonstration_target *target, char **ret_error) {
        json_t *scenarios = read_config(target, "demonstration/scenarios.json"), *pathways = json_object();
        int r;

        json_object_set_new(pathways, "LADO", read_config(target, "pathways/lado.json"));
        json_object_set_new(pathways, "MASH", read_config(target, "pathways/mash.json"));
        json_object_set_new(pathways, "AGENCY", read_config(target, "pathways/agency.json"));
        const struct material material = {
                .keyring = target->keyring,
                .scenarios = json_object_get(scenarios, "scenarios"),
                .first_names = json_object_get(scenarios, "first_names"),
                .last_names = json_object_get(scenarios, "last_names"),
                .texts = json_object_get(scenarios, "texts"),
                .pathways = pathways,
                .now = time(NULL),
        };
        if (json_array_size(material.scenarios) == 0 || json_object_size(pathways) < 3)
                r = fail(ret_error, "the demonstration's stories cannot be read");
        else
                r = install_partnership(target, ret_error);
        if (r == 0)
                r = install_reports(target, &material, ret_error);
        json_decref(scenarios);
        json_decref(pathways);
        return r;
}
