/* What the parts of this room share. */
#ifndef ACCESS_INTERNAL_H
#define ACCESS_INTERNAL_H

#include "crypto/digest.h"
#include "crypto/keyring.h"
#include "crypto/token.h"
#include "http/route.h"
#include "http/service.h"

/* The password of the demonstration's accounts: only good where the data is invented, and nobody may choose it. */
#define DEMONSTRATION_PASSWORD "upstander-demo"

enum {
        DEVICE_SECONDS = 400 * 24 * 3600,
        TICKET_SECONDS = 10 * 60,         /* between the password and the code */
        SETUP_SECONDS = 30 * 60,          /* for setting up a second factor */
        INVITATION_SECONDS = 72 * 3600,
        RESET_SECONDS = 3600,
        DIGEST_TEXT = SHA256_HEX,
};

/* schema.c */
extern const struct body_schema sign_in_body, sign_in_form_body, code_form_body, password_body, reset_body, choose_body,
        invitation_body, second_factor_body, birth_body, invite_body, account_body, grant_body, alternate_body,
        organisation_body, organisation_change_body, clear_body, confirm_body;

/* identity.c: keyed digests, so that the database never learns what was tried from where. In the request's arena. */
const char *digest_address(struct request *request);
const char *digest_email(struct request *request, const char *email);
/* The blind indexes of an account as [{"kind", "value"}], a new reference. Any text may be NULL. */
json_t *identity_indexes(const struct keyring *keyring, const char *name, const char *birth, const char *email);
/* The text of a member, in the arena; NULL when absent or not a text. */
const char *keep_text(struct request *request, const json_t *object, const char *member);
/* A member as JSON text, in the arena; NULL when absent. */
const char *keep_json(struct request *request, const json_t *object, const char *member);
/* Seals a small object for `purpose`; in the arena. */
const char *seal_object(struct request *request, const char *purpose, const json_t *object, unsigned seconds);
/* A new reference, or NULL when it is not ours, too old, or for another purpose. */
json_t *open_object(struct request *request, const char *purpose, const char *text);
/* A path of ours that a browser may be sent to, or "/". */
const char *safe_path(const char *path);

/* device.c: "Firefox on Windows", or "A browser" when nothing is known of it; static or in the arena. */
const char *device_describe(struct request *request);

/* password.c: NULL, or why somebody may not choose this password. */
const char *password_refusal(const char *password, const char *email, const char *name);

/* second-factor.c: the secret as it is stored, under a key of the account's own; in the arena, NULL on a fault. */
const char *second_factor_seal(struct request *request, const char *account, const char *secret);
/* Opens it into a buffer to be erased. 0 or negative. */
int second_factor_open(const struct keyring *keyring, const char *account, const char *sealed, struct buffer *out) _must_check_;

/* form.c: binds the form of that name to the resource as member "form" (partial/form/fields), with the answers and faults of
 * a refused form, or `values`. */
void bind_form(struct request *request, json_t *resource, const char *form, const json_t *values);

/* Handlers, by the file that they are in. */
/* sign-in.c */
enum step_result sign_in_prepare(struct request *request);
enum step_result sign_in_code_prepare(struct request *request);
enum step_result sign_in_finish(struct request *request);
/* sign-in-page.c */
void sign_in_decorate(struct request *request, json_t *resource);
void sign_in_code_decorate(struct request *request, json_t *resource);
enum step_result sign_out_finish(struct request *request);
/* The page behind a sign-in from a form whose session had ended. */
enum step_result held_page(struct request *request, const char *held, const char *session_hash, bool is_mine);
/* password.c */
enum step_result password_prepare(struct request *request);
enum step_result password_finish(struct request *request);
enum step_result reset_prepare(struct request *request);
enum step_result reset_finish(struct request *request);
void password_decorate(struct request *request, json_t *resource);
void reset_decorate(struct request *request, json_t *resource);
/* token.c */
enum step_result invitation_prepare(struct request *request);
enum step_result invitation_use_finish(struct request *request);
enum step_result password_token_prepare(struct request *request);
enum step_result password_token_use_finish(struct request *request);
enum step_result token_show_finish(struct request *request);
void token_decorate(struct request *request, json_t *resource);
/* second-factor.c */
enum step_result second_factor_show(struct request *request);
enum step_result second_factor_prepare(struct request *request);
enum step_result second_factor_finish(struct request *request);
/* account.c */
enum step_result invite_prepare(struct request *request);
enum step_result invite_finish(struct request *request);
enum step_result invite_again_prepare(struct request *request);
enum step_result account_change_prepare(struct request *request);
enum step_result account_change_finish(struct request *request);
enum step_result second_factor_reset_prepare(struct request *request);
enum step_result birth_prepare(struct request *request);
enum step_result birth_finish(struct request *request);
enum step_result grant_prepare(struct request *request);
enum step_result alternate_prepare(struct request *request);
enum step_result confirm_prepare(struct request *request);
enum step_result clear_prepare(struct request *request);
enum step_result clear_finish(struct request *request);
void account_decorate(struct request *request, json_t *resource);
void accounts_decorate(struct request *request, json_t *resource);
void mine_decorate(struct request *request, json_t *resource);
/* organisation.c */
enum step_result organisation_prepare(struct request *request);
enum step_result organisation_change_prepare(struct request *request);
void organisation_decorate(struct request *request, json_t *resource);
void organisations_decorate(struct request *request, json_t *resource);

#endif
