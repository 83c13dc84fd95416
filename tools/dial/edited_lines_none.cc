// In place of edited_lines.cc where there is no libedit.
#include "line_reader.h"

namespace dial {

std::unique_ptr<LineReader> NewEditedLines(LineReader::Complete /*complete*/,
                                           ReplHistory /*history*/) {
  return nullptr;
}

}  // namespace dial
