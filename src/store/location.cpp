#include "store/location.hpp"

#include "store/internal/postgres.hpp"

namespace iapp::store {

bool is_url(std::string_view location) { return internal::is_postgres_url(location); }

}  // namespace iapp::store
