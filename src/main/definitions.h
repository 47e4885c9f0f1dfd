/* Checking the definitions that ship with the executable. */
#ifndef MAIN_DEFINITIONS_H
#define MAIN_DEFINITIONS_H

#include "base/macro.h"

/* 0 when every pathway is sound; negative with *ret_error (free()) naming every fault, one a line. */
int definitions_check_embedded(const char *conninfo, char **ret_error) _must_check_;

#endif
