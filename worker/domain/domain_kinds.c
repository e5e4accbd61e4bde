/* domain_kinds.c - the kinds of domains of a program that brings no list of its own. */
#include "domain_folder.h"

const struct domain_ops *const domain_kinds[] = {&domain_folder, NULL};
