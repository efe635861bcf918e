#pragma once
// Result and Error: how every function in the tree says "no".
// Not an exception hierarchy: errors are values, their ids are stable, and one table maps kinds to the outside.
#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace iapp {

/// What a caller can do about a failure. Each kind maps to one HTTP status, one exit code and one retry rule
/// (error_kind.hpp).
enum class ErrorKind : unsigned char {
    invalid_input,
    unauthenticated,
    permission_denied,
    not_found,
    conflict,
    precondition_failed,
    resource_exhausted,
    unavailable,
    deadline_exceeded,
    cancelled,
    corrupt,
    internal
};

struct Error {
    ErrorKind kind;
    std::string_view reason;  ///< stable id with static storage, "room.rule", for instance "attest.debug"
    std::string detail;       ///< one sentence: what was wrong and how to fix it; never holds a secret
    std::source_location where = std::source_location::current();
};

/// A value or an Error. Dropping one is a compiler warning, and warnings are errors.
template <class T>
struct [[nodiscard]] Result : std::expected<T, Error> {
    using std::expected<T, Error>::expected;
    Result(std::expected<T, Error>&& other) : std::expected<T, Error>(std::move(other)) {}
};

using Status = Result<void>;

/// Makes the error side of any Result: `return fail(ErrorKind::not_found, "market.order", "no such order");`
/// Cold, so that the way there is laid out away from the code that usually runs.
[[gnu::cold]] inline std::unexpected<Error> fail(ErrorKind kind, std::string_view reason, std::string detail = {},
                                                 std::source_location where = std::source_location::current())
{
    return std::unexpected(Error{kind, reason, std::move(detail), where});
}

}  // namespace iapp

#define IAPP_CONCAT_INNER(a, b) a##b
#define IAPP_CONCAT(a, b) IAPP_CONCAT_INNER(a, b)
#define IAPP_TRY_IMPL(tmp, decl, ...)                         \
    auto tmp = (__VA_ARGS__);                                 \
    if (!tmp) return std::unexpected(std::move(tmp).error()); \
    decl = *std::move(tmp)

/// TRY(const Request request, parse_request(body)); binds the value or returns the error from the enclosing function.
#define TRY(decl, ...) IAPP_TRY_IMPL(IAPP_CONCAT(iapp_try_, __COUNTER__), decl, __VA_ARGS__)

/// TRY_OK(store.commit()); returns the error of a Status from the enclosing function.
#define TRY_OK(...)                                                                                                 \
    do {                                                                                                            \
        if (auto iapp_status = (__VA_ARGS__); !iapp_status) return std::unexpected(std::move(iapp_status).error()); \
    } while (false)
