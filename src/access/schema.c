/* The bodies of this room's routes. */
#include "internal.h"

enum { PASSWORD_MOST = 128, NAME_MOST = 200, BLOB_MOST = 130000, PATH_MOST = 2000 };

#define EMAIL_FIELD { "email", FIELD_EMAIL, .required = true, .about = "The email address of the account" }
#define NEW_PASSWORD_FIELD \
        { "password", FIELD_SECRET, .required = true, .most = PASSWORD_MOST, .about = "The new password, at least 12 characters" }

const struct body_schema sign_in_body = { "sign_in", (const struct field[]) {
        EMAIL_FIELD,
        { "password", FIELD_SECRET, .required = true, .most = PASSWORD_MOST, .about = "The password" },
        { "totp", FIELD_SECRET, .most = 10, .about = "The code that the authenticator app shows now" },
        { "recovery_code", FIELD_SECRET, .most = 40, .about = "A recovery code instead of totp; good once" },
        { 0 } }, NULL };

const struct body_schema sign_in_form_body = { "sign_in_form", (const struct field[]) {
        EMAIL_FIELD,
        { "password", FIELD_SECRET, .required = true, .most = PASSWORD_MOST },
        { "form_token", FIELD_LINE, .most = 100 },
        { "next", FIELD_LINE, .most = PATH_MOST },
        { "held", FIELD_LINE, .most = BLOB_MOST },
        { 0 } }, NULL };

const struct body_schema code_form_body = { "sign_in_code_form", (const struct field[]) {
        { "code", FIELD_SECRET, .required = true, .most = 40 },
        { "ticket", FIELD_LINE, .required = true, .most = 2000 },
        { "next", FIELD_LINE, .most = PATH_MOST },
        { "held", FIELD_LINE, .most = BLOB_MOST },
        { 0 } }, NULL };

const struct body_schema password_body = { "password_change", (const struct field[]) {
        { "current", FIELD_SECRET, .required = true, .most = PASSWORD_MOST, .about = "The present password" },
        NEW_PASSWORD_FIELD,
        { 0 } }, NULL };

const struct body_schema reset_body = { "password_reset_request", (const struct field[]) { EMAIL_FIELD, { 0 } }, NULL };

const struct body_schema choose_body = { "password_reset", (const struct field[]) { NEW_PASSWORD_FIELD, { 0 } }, NULL };

const struct body_schema invitation_body = { "invitation_use", (const struct field[]) {
        { "name", FIELD_LINE, .required = true, .most = NAME_MOST, .about = "The person's full name" },
        { "birth_date", FIELD_DATE, .about = "Used only to keep the person out of cases about them" },
        NEW_PASSWORD_FIELD,
        { 0 } }, NULL };

const struct body_schema second_factor_body = { "second_factor", (const struct field[]) {
        { "setup", FIELD_LINE, .required = true, .most = 2000, .about = "As GET /second-factor gave it" },
        { "code", FIELD_SECRET, .required = true, .most = 10, .about = "The code that the authenticator app shows now" },
        { 0 } }, NULL };

const struct body_schema birth_body = { "account_own", (const struct field[]) {
        { "birth_date", FIELD_DATE, .about = "Used only to keep the person out of cases about them" },
        { 0 } }, NULL };

#define GRANT_FIELDS \
        { "role", FIELD_LINE, .required = true, .most = 40, .about = "A role" }, \
        { "organisation", FIELD_SLUG, .required = true, .about = "Where the role is held" }, \
        { "alternate", FIELD_BOOLEAN, .about = "Whether the person stands in for others in this role" }

const struct body_schema invite_body = { "account_invitation", (const struct field[]) {
        EMAIL_FIELD,
        { "name", FIELD_LINE, .required = true, .most = NAME_MOST, .about = "The person's full name" },
        GRANT_FIELDS,
        { 0 } }, NULL };

const struct body_schema account_body = { "account_change", (const struct field[]) {
        EMAIL_FIELD,
        { "name", FIELD_LINE, .required = true, .most = NAME_MOST, .about = "The person's full name" },
        { 0 } }, NULL };

const struct body_schema grant_body = { "role_grant", (const struct field[]) {
        GRANT_FIELDS,
        { "until", FIELD_DATE, .about = "The last day of the role; without one it has no end" },
        { 0 } }, NULL };

const struct body_schema confirm_body = { "grant_confirmation", (const struct field[]) {
        { "code", FIELD_SECRET, .required = true, .most = 20,
          .about = "The code that the person sees in their account, and told whoever confirms" },
        { 0 } }, NULL };

const struct body_schema alternate_body = { "role_alternate", (const struct field[]) {
        { "alternate", FIELD_BOOLEAN, .required = true, .about = "Whether the person stands in for others in this role" },
        { 0 } }, NULL };

#define ORGANISATION_FIELDS \
        { "name", FIELD_LINE, .required = true, .most = NAME_MOST, .about = "The name that people read" }, \
        { "kind", FIELD_CODE, .required = true, .list = "agency_type", .about = "What kind of organisation it is" }, \
        { "area", FIELD_CODE, .list = "authority", .about = "The authority in which it works" }

const struct body_schema organisation_body = { "organisation", (const struct field[]) {
        { "slug", FIELD_SLUG, .required = true, .about = "The short name that never changes" },
        ORGANISATION_FIELDS,
        { 0 } }, NULL };

const struct body_schema organisation_change_body = { "organisation_change", (const struct field[]) {
        ORGANISATION_FIELDS,
        { "reports", FIELD_BOOLEAN, .about = "Whether its people report; it then needs two safeguarding leads" },
        { 0 } }, NULL };

const struct body_schema clear_body = { "exclusion_clear", (const struct field[]) {
        { "reason", FIELD_TEXT, .required = true, .most = 2000, .about = "How it is known that this is another person" },
        { 0 } }, NULL };
