/* THE route table. */

#include "routes.h"

const struct route routes[] = {
};
const size_t n_routes = ELEMENTS(routes);
