// Serves nobody yet: that it can be linked is all that matters.
#include "greeter.dialtone.h"

int main() { return greeter::Greeter::kServiceName.empty() ? 1 : 0; }
