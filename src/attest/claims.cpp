#include "attest/claims.hpp"

#include <algorithm>

namespace iapp::attest {

const Bytes* find_register(const Registers& registers, std::string_view name)
{
    const auto found = std::ranges::find(registers, name, &RegisterValue::name);
    return found == registers.end() ? nullptr : &found->value;
}

}  // namespace iapp::attest
