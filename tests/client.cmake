# tests of client
gpmq_test(test_history client)
gpmq_test(test_client client)
target_sources(test_client PRIVATE fake_broker.c)
gpmq_test(test_cli cli client)
gpmq_test(test_cli_table cli scratch)

# Programs that see only what is installed: the headers and libgpmq.
foreach(source header_check.c header_check.cc)
  string(REPLACE . _ name ${source})
  add_executable(${name} ${source})
  set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF CXX_EXTENSIONS OFF)
  target_compile_options(${name} PRIVATE -pedantic)
  target_link_libraries(${name} PRIVATE gpmq)
  add_test(NAME ${name} COMMAND ${name})
endforeach()

# The real thing: broker, workers, the command line.
add_test(NAME cli_test COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli_test.sh ${CMAKE_BINARY_DIR}/bin
         $<TARGET_FILE:make_domain> ${CMAKE_CURRENT_SOURCE_DIR}/data/demo-domain)
set_tests_properties(cli_test PROPERTIES TIMEOUT 240)

# Strangers: built from an installed prefix and nothing else.
add_test(NAME outside_test COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/outside_test.sh ${CMAKE_BINARY_DIR}
         ${CMAKE_SOURCE_DIR} $<TARGET_FILE:make_domain>)
set_tests_properties(outside_test PROPERTIES TIMEOUT 300 LABELS slow)
# The same without a broker.
add_test(NAME standalone_test COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/standalone_test.py
         ${CMAKE_BINARY_DIR}/bin $<TARGET_FILE:make_domain> ${CMAKE_CURRENT_SOURCE_DIR}/data/demo-domain)
set_tests_properties(standalone_test PROPERTIES TIMEOUT 300)
set_tests_properties(outside_test PROPERTIES TIMEOUT 600 LABELS slow)
gpmq_test(test_cli_rsop cli client)
