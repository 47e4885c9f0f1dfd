/* What became of an invented report: most in time, some late, some declined, some passed on by silence, some still open. The
 * database drops the steps that would lie in the future, and those for which a desk has nobody. */
#include <string.h>

#include "base/buffer.h"
#include "crypto/seal.h"
#include "internal.h"
#include "pathway/form.h"

struct story {
        const struct material *material;
        struct chance *chance;
        const struct data_key *key;
        const json_t *definition; /* of the pathway */
        json_t *steps;
        bool failed;
};

static const json_t *form_of(const json_t *definition, const char *transition) {
        const json_t *step;
        size_t i;
        json_array_foreach(json_object_get(definition, "transitions"), i, step)
                if (strcmp(json_string_value(json_object_get(step, "transition")), transition) == 0)
                        return json_object_get(step, "form");
        return NULL;
}

static json_t *words(struct story *story, const char *about) {
        return json_string(chance_text(story->chance, json_object_get(story->material->texts, about)));
}

/* Seals the texts of a step into it, bound to an identifier of its own. */
static int seal_texts(const struct data_key *key, const json_t *texts, json_t *step) {
        _cleanup_buffer_ struct buffer sealed = { 0 };
        char id[UUID_TEXT];
        uuid_new(id);
        if (seal_json(key, "referral_event", "texts", id, texts, &sealed) < 0)
                return -1;
        json_object_set_new(step, "sealed_id", json_string(id));
        json_object_set_new(step, "sealed", json_string(sealed.data));
        return 0;
}

/* Adds a step; `data` is taken. */
static void add(struct story *story, const char *transition, const char *role, int64_t at, json_t *data) {
        const json_t *form = form_of(story->definition, transition);
        json_t *codes = NULL, *open = NULL, *texts = NULL;
        char at_text[INSTANT_TEXT];

        instant_write(at, at_text);
        json_t *step = json_pack("{s:s, s:s, s:s}", "transition", transition, "role", role, "at", at_text);
        if (form) {
                pathway_form_sort(form, data, &codes, &open, &texts);
                if (json_object_size(texts) > 0 && seal_texts(story->key, texts, step) < 0)
                        story->failed = true;
        }
        json_object_set_new(step, "codes", codes ? codes : json_array());
        json_object_set_new(step, "data", open ? open : json_object());
        json_array_append_new(story->steps, step);
        json_decref(texts);
        json_decref(data);
}

/* The lead's part. Returns when the case reached the desk, or 0 when it did not. */
static int64_t lead_part(struct story *story, int64_t at) {
        unsigned roll = chance_below(story->chance, 100);
        int64_t answered = past_weekend(at + chance_between(story->chance, 20 * MINUTE, 9 * HOUR));
        if (roll < 7) {
                add(story, "pass_by", "SYSTEM", at, json_object());
                return past_weekend(at + 30 * HOUR);
        }
        if (roll < 14) {
                add(story, "decline", "AGENCY_LEAD", answered, json_pack("{s:s, s:o}", "decline_reason",
                    chance_percent(story->chance, 50) ? "ALREADY_REFERRED" : "NOT_THE_FACTS", "reason", words(story, "reason_decline")));
                return 0;
        }
        json_t *data = json_object();
        if (chance_percent(story->chance, 35))
                json_object_set_new(data, "note", words(story, "note"));
        add(story, "confirm", "AGENCY_LEAD", answered, data);
        return answered;
}

/* When a desk decided: usually within the working day that it has, otherwise days later; 0 when it has not yet. */
static int64_t decided_at(struct story *story, int64_t reached, unsigned late_percent) {
        int64_t age = story->material->now - reached;
        if (age > 2 * DAY && age < 12 * DAY && chance_percent(story->chance, 30))
                return 0;
        return past_weekend(reached + (chance_percent(story->chance, late_percent)
                                       ? chance_between(story->chance, 3 * DAY, 8 * DAY)
                                       : chance_between(story->chance, HOUR, 22 * HOUR)));
}

static void lado_part(struct story *story, int64_t reached) {
        static const char *const criteria[] = { "HARMED", "RISK", "SUITABILITY" };
        static const char *const disposals[] = { "LOW_LEVEL", "CONDUCT_EMPLOYER", "COMPLAINT", "NFA" };
        static const char *const outcomes[] = { "SUBSTANTIATED", "SUBSTANTIATED", "UNSUBSTANTIATED", "UNFOUNDED" };
        static const char *const findings[] = { "ESTABLISHED", "INCONCLUSIVE", "NOT_ESTABLISHED" };
        int64_t at = decided_at(story, reached, 17);
        if (!at)
                return;
        if (chance_percent(story->chance, 55)) {
                add(story, "threshold_met", "LADO", at, json_pack("{s:[s], s:o}", "criteria", criteria[chance_below(story->chance, 3)],
                                                                  "rationale", words(story, "threshold")));
                at = past_weekend(at + chance_between(story->chance, 8 * DAY, 70 * DAY));
                unsigned n = chance_below(story->chance, 4);
                add(story, "record_outcome", "LADO", at, json_pack("{s:s, s:s, s:s, s:o}", "outcome", outcomes[n], "racism_finding",
                    findings[n < 2 ? 0 : n - 1], "finding_decider", "EMPLOYER", "rationale", words(story, "outcome")));
                at = past_weekend(at + chance_between(story->chance, DAY, 12 * DAY));
        } else {
                add(story, "threshold_not_met", "LADO", at, json_pack("{s:s, s:o}", "disposal",
                    disposals[chance_below(story->chance, 4)], "rationale", words(story, "not_met")));
                at = past_weekend(at + chance_between(story->chance, HOUR, 5 * DAY));
        }
        add(story, "close", "LADO", at, json_pack("{s:o}", "ethnicity_culture_considered", words(story, "considered")));
}

static void mash_part(struct story *story, int64_t reached) {
        static const char *const rags[] = { "AMBER", "GREEN", "GREEN", "BLUE", "RED" };
        static const struct {
                const char *decision, *level;
        } decisions[] = { { "EARLY_HELP", "EARLY_HELP" }, { "S17_ASSESS", "CHILD_IN_NEED" }, { "ADVICE_ONLY", "UNIVERSAL" },
                          { "EARLY_HELP", "EARLY_HELP" }, { "NFA", "UNIVERSAL" }, { "S47_STRATEGY", "CHILD_PROTECTION" } };
        int64_t at = decided_at(story, reached, 14);
        if (!at)
                return;
        add(story, "screen", "MASH_SCREENER", reached + (at - reached) / 3, json_pack("{s:s, s:o}", "rag",
            rags[chance_below(story->chance, ELEMENTS(rags))], "rationale", words(story, "screen")));
        unsigned n = chance_below(story->chance, ELEMENTS(decisions));
        add(story, "decide", "MASH_MANAGER", at, json_pack("{s:s, s:s, s:o, s:o}", "decision", decisions[n].decision, "need_level",
            decisions[n].level, "rationale", words(story, "decide"), "feedback", words(story, "feedback")));
        at = past_weekend(at + chance_between(story->chance, HOUR, 9 * DAY));
        add(story, "close", "MASH_MANAGER", at, json_pack("{s:o}", "ethnicity_culture_considered", words(story, "considered")));
}

/* The agency's own answer needs no referral: its lead holds the case from the start. */
static void agency_part(struct story *story, int64_t reported) {
        int64_t at = decided_at(story, reported, 10);
        if (!at)
                return;
        add(story, "acknowledge", "AGENCY_LEAD", at, json_pack("{s:o}", "note", words(story, "acknowledge")));
        at = past_weekend(at + chance_between(story->chance, HOUR, 6 * DAY));
        add(story, "respond", "AGENCY_LEAD", at, json_pack("{s:o}", "response", words(story, "respond")));
        at = past_weekend(at + chance_between(story->chance, DAY, 20 * DAY));
        add(story, "close", "AGENCY_LEAD", at, json_pack("{s:o, s:o}", "ethnicity_culture_considered", words(story, "considered_adult"),
                                                         "support_offered", words(story, "support")));
}

json_t *steps_make(const struct material *material, struct chance *chance, const char *incident, const char *wrapped, int64_t at) {
        static const struct {
                const char *pathway;
                bool proposed; /* the lead confirms it first */
                void (*tell)(struct story *story, int64_t reached);
        } parts[] = { { "LADO", true, lado_part }, { "MASH", true, mash_part }, { "AGENCY", false, agency_part } };
        _cleanup_(data_key_erase) struct data_key key = { 0 };
        json_t *all = json_object();
        bool failed = seal_data_key_unwrap(material->keyring, incident, wrapped, &key) < 0;

        for (size_t i = 0; i < ELEMENTS(parts) && !failed; i++) {
                struct story story = { material, chance, &key, json_object_get(material->pathways, parts[i].pathway), json_array(), false };
                int64_t reached = parts[i].proposed ? lead_part(&story, at) : at;
                if (reached)
                        parts[i].tell(&story, reached);
                failed = story.failed;
                json_object_set_new(all, parts[i].pathway, story.steps);
        }
        if (!failed)
                return all;
        json_decref(all);
        return NULL;
}
