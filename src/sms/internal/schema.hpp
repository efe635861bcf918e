#pragma once
// The tables of sms.db. Steps are only ever appended.
#include <span>

#include "store/database.hpp"

namespace iapp::sms::internal {

std::span<const store::Migration> migrations();

}  // namespace iapp::sms::internal
