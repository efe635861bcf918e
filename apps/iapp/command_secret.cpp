// iapp secret: values a requester lends to apps. The secret service keeps them; nothing here or there reads one back.
#include "commands.hpp"
#include "sms_client.hpp"

namespace iapp::cli {
namespace {

Answer describe(const Session& session, const std::string& name)
{
    return {{{"name", name}, {"owner", eth::to_checksum(session.me())}, {"stored", true}},
            "stored  " + name + " of " + eth::to_checksum(session.me()) +
                "\nnext    iapp run APP --requester-secret 1=" + name + "\n"};
}

}  // namespace

Result<Answer> run_secret_push(const Arguments& arguments, Context& context)
{
    const std::string name = arguments.get("NAME");
    TRY(const auto value, read_file(arguments.get("--file")));
    if (value.empty() || value.size() > wire::kMaxSecretBytes)
        return fail(ErrorKind::invalid_input, "secret.size",
                    "a secret has 1 to " + std::to_string(wire::kMaxSecretBytes) + " bytes; the file has " +
                        std::to_string(value.size()));
    TRY(auto session, Session::open_signed(context));
    TRY_OK(push_requester_secret(*session, name, value));
    return describe(*session, name);
}

Result<Answer> run_secret_show(const Arguments& arguments, Context& context)
{
    const std::string name = arguments.get("NAME");
    TRY(auto session, Session::open_signed(context));
    TRY(const bool stored, has_requester_secret(*session, name));
    if (stored) return describe(*session, name);
    return fail(ErrorKind::not_found, "secret.unknown",
                "no secret " + name + " of " + eth::to_checksum(session->me()) + " is stored");
}

}  // namespace iapp::cli
