// What the files of this target share.

#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CLeaseholdSystem.h"

#include <errno.h>

// The result of a call, or the negative error number.
static inline long checked(long result) { return result < 0 ? -(long)errno : result; }
