# cmake -DDEPFILE=x.d -P DialtoneDepfile.cmake: escapes the paths in a dependency file of protoc's, as build tools read it.
# protoc writes a path a line, just as it is: one with a space would be two that do not exist, and the file it belongs to
# never up to date. Part of dialtone_library().
file(READ "${DEPFILE}" text)
string(REPLACE "$" "$$" text "${text}")
string(REPLACE "#" "\\#" text "${text}")
string(REPLACE " " "\\ " text "${text}")
# But what stands between paths: the line's end, the next one's beginning, and the end of what is generated.
string(REPLACE "\\ \\\n" " \\\n" text "${text}")
string(REPLACE "\n\\ " "\n " text "${text}")
string(REPLACE ".pb.h:\\ " ".pb.h: " text "${text}")
file(WRITE "${DEPFILE}" "${text}")
