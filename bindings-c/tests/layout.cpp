// Both headers as C++17 by themselves, and the same layout of structs as in C.
#include <ottla.hpp>

#include "layout.c"
