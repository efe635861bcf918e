#include "scratch_folder.hpp"

#include <cstdlib>

namespace iapp::cli {

Result<ScratchFolder> ScratchFolder::create()
{
    std::string name = (std::filesystem::temp_directory_path() / "iapp-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return fail(ErrorKind::internal, "cli.scratch", "cannot make a temporary folder");
    return ScratchFolder(name);
}

ScratchFolder::~ScratchFolder()
{
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace iapp::cli
