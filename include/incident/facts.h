/* A report on its way into the database: its fields, and the facts that query incident/file takes.
 *
 * The facts are the codes and dates of the report as they are, and its words and identities sealed under a data key of
 * the incident's own, so that nothing confidential reaches a statement. Blind indexes of the people named go with them.
 */
#ifndef INCIDENT_FACTS_H
#define INCIDENT_FACTS_H

#include <jansson.h>
#include <stdbool.h>

#include "crypto/keyring.h"
#include "http/body.h"

/* The fields of api.md's incident, for POST /incidents and the report form alike. */
extern const struct body_schema incident_schema;
/* Its fields, and those of a person in it, for forms that hold a part of it. */
extern const struct field incident_fields[], incident_person_fields[];

/* Whether somebody in this role (NULL for none) is asked about working with children: an adult whose behaviour was reported. */
bool incident_asks_about_work(const char *role);
/* Whether the answer of a person is for readers: a NO of somebody who is not asked was put there for the rules. */
bool incident_tells_about_work(const json_t *person);

/* Each person can call for a referral on each of two pathways, to an authority of their own; the third pathway and the
 * neighbours that a new definition brings fit behind them. */
enum { INCIDENT_PEOPLE_MAX = 20 };
#define INCIDENT_REFERRALS(people) (2 * (people) + 4)

enum { INCIDENT_DAY = 11 };

/* Writes today's date in London, YYYY-MM-DD, and returns it. */
const char *incident_day(char day[INCIDENT_DAY]);

/* Turns a checked body (incident_schema) into facts: a new object, the caller's. `incident` is the UUID that the report
 * will have, and to which everything is bound. `today` is a London date, YYYY-MM-DD, for ages. 0, or negative when
 * sealing failed. */
int incident_facts_seal(const struct keyring *keyring, const char *incident, const char *today, json_t *body,
                        json_t **ret_facts) _must_check_;

/* The codes alone, for the preview of routing: nothing is sealed and nothing confidential is in it. */
json_t *incident_facts_preview(const char *today, json_t *body);

#endif
