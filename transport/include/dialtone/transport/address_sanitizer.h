// Whether this is built with the address sanitizer. Internal.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define DIALTONE_ADDRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DIALTONE_ADDRESS_SANITIZED 1
#endif
#endif
#ifndef DIALTONE_ADDRESS_SANITIZED
#define DIALTONE_ADDRESS_SANITIZED 0
#endif
