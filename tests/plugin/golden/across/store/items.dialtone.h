// Written by protoc-gen-dialtone from across/store/items.proto: change that file, not this one.
// clang-format off
#pragma once

#include "across/store/items.pb.h"
