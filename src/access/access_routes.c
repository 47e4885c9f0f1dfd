/* The rows of this room. */
#include "access/handlers.h"

#include "base/macro.h"
#include "internal.h"

/* Done while a session still lacks its second factor or a new password. */
#define OWN ROUTE_SIGNED_IN | ROUTE_BEFORE_SECOND_FACTOR

const struct route access_routes[] = {
        /* Signing in and out */
        { METHOD_POST, "/session", NULL, ROUTE_ANYONE | ROUTE_API_ONLY, "Sign in", "LOGIN",
          .body = &sign_in_body, .prepare = sign_in_prepare, .finish = sign_in_finish },
        { METHOD_GET, "/session", NULL, OWN | ROUTE_QUIET, "Who is signed in, and what they may do", "VIEW",
          .query = "session/get", .page = "session/show" },
        { METHOD_DELETE, "/session", NULL, OWN | ROUTE_API_ONLY, "Sign out", "UPDATE", .query = "session/leave" },
        { METHOD_GET, "/sign-in", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "The page for signing in", "VIEW",
          .page = "access/sign-in", .decorate = sign_in_decorate },
        { METHOD_POST, "/sign-in", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "Sign in from the page", "LOGIN",
          .body = &sign_in_form_body, .prepare = sign_in_prepare, .finish = sign_in_finish },
        { METHOD_GET, "/sign-in/code", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "The page for the code of the second factor", "VIEW",
          .page = "access/sign-in-code", .decorate = sign_in_code_decorate },
        { METHOD_POST, "/sign-in/code", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "Give the code of the second factor", "LOGIN",
          .body = &code_form_body, .prepare = sign_in_code_prepare, .finish = sign_in_finish },
        { METHOD_POST, "/sign-out", NULL, OWN | ROUTE_PAGE_ONLY, "Sign out from the page", "UPDATE",
          .query = "session/leave", .finish = sign_out_finish },

        /* One's own account */
        { METHOD_GET, "/account", NULL, ROUTE_SIGNED_IN | ROUTE_PAGE_ONLY | ROUTE_QUIET, "One's own account", "VIEW",
          .query = "session/list", .page = "account/mine", .decorate = mine_decorate },
        { METHOD_PATCH, "/account", NULL, ROUTE_SIGNED_IN, "Give or take back one's date of birth", "UPDATE",
          .body = &birth_body, .prepare = birth_prepare, .finish = birth_finish },
        { METHOD_GET, "/sessions", NULL, ROUTE_SIGNED_IN | ROUTE_API_ONLY | ROUTE_QUIET, "One's own sessions", "VIEW",
          .query = "session/list" },
        { METHOD_POST, "/sessions/{session}/end", NULL, ROUTE_SIGNED_IN, "End one of one's own sessions", "UPDATE",
          .query = "session/end" },
        { METHOD_POST, "/sessions/end-others", NULL, ROUTE_SIGNED_IN, "End all of one's other sessions", "UPDATE",
          .query = "session/end_others" },
        { METHOD_GET, "/password", NULL, OWN | ROUTE_PAGE_ONLY | ROUTE_QUIET, "The page for changing one's password", "VIEW",
          .page = "account/password", .decorate = password_decorate },
        { METHOD_POST, "/password", NULL, OWN, "Change one's password", "UPDATE",
          .body = &password_body, .prepare = password_prepare, .finish = password_finish },
        { METHOD_GET, "/second-factor", NULL, OWN | ROUTE_QUIET, "What is needed to set up a second factor", "VIEW",
          .query = "account/second_factor", .page = "account/second-factor", .finish = second_factor_show },
        { METHOD_POST, "/second-factor", NULL, OWN, "Take a second factor into use", "UPDATE",
          .body = &second_factor_body, .prepare = second_factor_prepare, .finish = second_factor_finish },

        /* Links that were sent */
        { METHOD_GET, "/password-resets", NULL, ROUTE_ANYONE | ROUTE_PAGE_ONLY, "The page for a forgotten password", "VIEW",
          .page = "account/reset", .decorate = reset_decorate },
        { METHOD_POST, "/password-resets", NULL, ROUTE_ANYONE, "Ask for a link to choose another password", "UPDATE",
          .body = &reset_body, .prepare = reset_prepare, .finish = reset_finish },
        { METHOD_GET, "/password-resets/{token}", NULL, ROUTE_ANYONE, "Whom a reset is for", "VIEW",
          .page = "account/token", .prepare = password_token_prepare, .finish = token_show_finish, .decorate = token_decorate },
        { METHOD_POST, "/password-resets/{token}", NULL, ROUTE_ANYONE, "Choose another password", "UPDATE",
          .body = &choose_body, .prepare = password_token_prepare, .finish = password_token_use_finish },
        { METHOD_GET, "/invitations/{token}", NULL, ROUTE_ANYONE, "Whom an invitation is for", "VIEW",
          .page = "account/token", .prepare = invitation_prepare, .finish = token_show_finish, .decorate = token_decorate },
        { METHOD_POST, "/invitations/{token}", NULL, ROUTE_ANYONE, "Take up an account", "UPDATE",
          .body = &invitation_body, .prepare = invitation_prepare, .finish = invitation_use_finish },

        /* Accounts and roles */
        { METHOD_GET, "/accounts", "ACCOUNT_MANAGE", 0, "Accounts, newest first", "VIEW",
          .query = "account/list", .page = "account/list", .decorate = accounts_decorate },
        { METHOD_POST, "/accounts", "ACCOUNT_MANAGE", ROUTE_CREATES, "Invite somebody", "CREATE",
          .body = &invite_body, .prepare = invite_prepare, .finish = invite_finish },
        { METHOD_GET, "/accounts/{account}", "ACCOUNT_MANAGE", 0, "One account with its roles", "VIEW",
          .query = "account/get", .page = "account/show", .decorate = account_decorate },
        { METHOD_PATCH, "/accounts/{account}", "ACCOUNT_MANAGE", ROUTE_VERSIONED, "Change a name or an email address", "UPDATE",
          .sight = "account/sight", .body = &account_body, .prepare = account_change_prepare, .finish = account_change_finish },
        { METHOD_POST, "/accounts/{account}/invitation", "ACCOUNT_MANAGE", 0, "Invite somebody again", "UPDATE",
          .prepare = invite_again_prepare, .finish = invite_finish },
        { METHOD_GET, "/accounts/{account}/end", "ACCOUNT_MANAGE", ROUTE_PAGE_ONLY, "The page for ending an account", "VIEW",
          .query = "account/get", .page = "account/end" },
        { METHOD_POST, "/accounts/{account}/end", "ACCOUNT_MANAGE", 0, "End an account", "UPDATE", .query = "account/end" },
        { METHOD_POST, "/accounts/{account}/second-factor-reset", "ACCOUNT_MANAGE", 0, "Take a lost second factor away", "UPDATE",
          .query = "account/second_factor_reset" },
        { METHOD_GET, "/accounts/{account}/grants", "ACCOUNT_MANAGE", ROUTE_PAGE_ONLY, "The page for giving a role", "VIEW",
          .query = "account/get", .page = "account/grant", .decorate = account_decorate },
        { METHOD_POST, "/accounts/{account}/grants", "ACCOUNT_MANAGE", ROUTE_CREATES, "Give a role, or ask for one", "CREATE",
          .sight = "account/sight", .body = &grant_body, .prepare = grant_prepare },
        { METHOD_GET, "/grants", "GRANT_CONFIRM", 0, "Roles that wait for a second person", "VIEW",
          .query = "grant/list", .page = "account/grants" },
        { METHOD_POST, "/grants/{grant}/confirm", "GRANT_CONFIRM", 0, "Confirm a role, as the second person", "UPDATE",
          .query = "grant/confirm" },
        { METHOD_POST, "/grants/{grant}/end", NULL, ROUTE_SIGNED_IN, "End a role, or turn down one that waits", "UPDATE",
          .query = "grant/end" },
        { METHOD_POST, "/grants/{grant}/alternate", "ACCOUNT_MANAGE", 0, "Say whether somebody stands in for others", "UPDATE",
          .body = &alternate_body, .prepare = alternate_prepare },

        /* Organisations, and matches by name */
        { METHOD_GET, "/organisations", "ACCOUNT_MANAGE", 0, "The organisations of the partnership", "VIEW",
          .query = "organisation/list", .page = "account/organisations", .decorate = organisations_decorate },
        { METHOD_POST, "/organisations", "ACCOUNT_MANAGE", ROUTE_CREATES, "Add an organisation", "CREATE",
          .body = &organisation_body, .prepare = organisation_prepare },
        { METHOD_GET, "/organisations/{organisation}", "ACCOUNT_MANAGE", 0, "One organisation with its people", "VIEW",
          .query = "organisation/get", .page = "account/organisation", .decorate = organisation_decorate },
        { METHOD_PATCH, "/organisations/{organisation}", "ACCOUNT_MANAGE", ROUTE_VERSIONED, "Change an organisation", "UPDATE",
          .sight = "organisation/sight", .body = &organisation_change_body, .prepare = organisation_change_prepare },
        { METHOD_GET, "/exclusions", "EXCLUSION_CLEAR", 0, "Matches by name alone that nobody has looked at yet", "VIEW",
          .query = "exclusion/list", .page = "account/exclusions" },
        { METHOD_POST, "/exclusions/{incident}/{account}/clear", "EXCLUSION_CLEAR", 0, "Clear a match by name alone", "UPDATE",
          .body = &clear_body, .prepare = clear_prepare },
};
const size_t access_routes_count = ELEMENTS(access_routes);
