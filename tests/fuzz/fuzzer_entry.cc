// libFuzzer's entry to a target.
#include <cstddef>
#include <cstdint>

#include "fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dialtone::fuzz::RunInput({reinterpret_cast<const char*>(data), size});
  return 0;
}
