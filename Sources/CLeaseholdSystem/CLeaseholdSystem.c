#include "CLeaseholdSystem.h"
