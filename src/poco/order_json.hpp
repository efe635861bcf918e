#pragma once
// Orders inside larger JSON documents. Includes Boost.JSON, so include it from .cpp files only.
#include "codec/json.hpp"
#include "poco/order.hpp"

namespace iapp::poco {

enum class Members : unsigned char { exact, ignore_unknown };

/// Errors: as parse_app_order and its siblings; paths start at `reader.path()`.
Result<AppOrder> read_app_order(const json::ObjectReader& reader, Members members = Members::exact);
Result<DatasetOrder> read_dataset_order(const json::ObjectReader& reader, Members members = Members::exact);
Result<WorkerpoolOrder> read_workerpool_order(const json::ObjectReader& reader, Members members = Members::exact);
Result<RequestOrder> read_request_order(const json::ObjectReader& reader, Members members = Members::exact);

json::Object to_json(const AppOrder& order, Numbers numbers = Numbers::as_text);
json::Object to_json(const DatasetOrder& order, Numbers numbers = Numbers::as_text);
json::Object to_json(const WorkerpoolOrder& order, Numbers numbers = Numbers::as_text);
json::Object to_json(const RequestOrder& order, Numbers numbers = Numbers::as_text);

}  // namespace iapp::poco
