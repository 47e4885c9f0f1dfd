/* Styles, scripts and images of the pages, embedded in the executable.
 *
 * They are served below asset_base(), whose last part changes with their content, so that a browser may keep them for
 * ever; the frame of every page carries it as "assets".
 */
#ifndef VIEW_ASSET_H
#define VIEW_ASSET_H

#include "base/embedded.h"
#include "base/macro.h"

struct asset {
        const struct embedded_file *file;
        const char *content_type;
};

/* "/assets/VERSION", for the life of the process. Safe from any thread. */
const char *asset_base(void);

/* The asset that a path such as "/assets/VERSION/app.css" names, of this version only. 1: there is none. */
_must_check_ int asset_find(const char *path, struct asset *ret);

#endif
