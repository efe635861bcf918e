#pragma once
// The proxy's memory: one token a wallet, the authorizations that came with them, and where each task's result is. Every
// change is one durable transaction.
#include <filesystem>
#include <functional>
#include <optional>

#include "eth/address.hpp"
#include "poco/ids.hpp"
#include "store/database.hpp"

namespace iapp::resultproxy::internal {

class Book {
public:
    static Result<Book> open(const std::filesystem::path& file);

    Result<std::optional<eth::Address>> wallet_of(std::string_view token);
    Result<std::optional<eth::Address>> enclave_of(const poco::TaskId& task, const eth::Address& wallet);
    Result<std::optional<std::string>> cid_of(const poco::TaskId& task);

    /// Answers the wallet's token from now on, which `choose` says given the one it has, and writes down whom it may work
    /// with on the task.
    Result<std::string> grant(const eth::Address& wallet, const poco::TaskId& task, const eth::Address& enclave,
                              const std::function<std::string(std::optional<std::string>)>& choose);
    /// Writes down where the result is and uses up the authorization. Errors: conflict "result_proxy.exists".
    Status store(const poco::TaskId& task, const eth::Address& wallet, std::string_view cid);

private:
    explicit Book(store::Database database) : database_(std::move(database)) {}
    store::Database database_;
};

}  // namespace iapp::resultproxy::internal
