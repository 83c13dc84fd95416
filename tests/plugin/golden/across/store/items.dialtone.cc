// Written by protoc-gen-dialtone from across/store/items.proto: change that file, not this one.
// clang-format off
#include "across/store/items.dialtone.h"
