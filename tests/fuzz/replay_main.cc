// Runs each input of a target's corpus once: what the fuzzer has found, and found wrong, stays
// tested by every build. Arguments: files, and folders of files.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz_target.h"

namespace {

std::vector<std::filesystem::path> FilesOf(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : FilesOf(argv[i])) {
      std::ifstream stream(file, std::ios::binary);
      const std::string data((std::istreambuf_iterator<char>(stream)),
                             std::istreambuf_iterator<char>());
      // Said first, so that a failure's last line names its input.
      std::printf("%s: %zu bytes\n", file.c_str(), data.size());
      std::fflush(stdout);
      dialtone::fuzz::RunInput(data);
      ++inputs;
    }
  }
  std::printf("%zu inputs were run\n", inputs);
  return inputs > 0 ? 0 : 1;
}
