// iapp result: fetches, opens and checks what a task left.
#include "commands.hpp"
#include "options.hpp"
#include "outcome.hpp"

namespace iapp::cli {

Result<Answer> run_result(const Arguments& arguments, Context& context)
{
    TRY(const auto id, id_option<poco::TaskId>(arguments, "TASK"));
    TRY(auto session, Session::open(context));
    return open_outcome(*session, context, id, arguments.get("--out", default_folder(id).string()));
}

}  // namespace iapp::cli
