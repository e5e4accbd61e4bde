# tests of client
gpmq_test(test_history client)
gpmq_test(test_client client)
target_sources(test_client PRIVATE fake_broker.c)
gpmq_test(test_cli cli client)

# Programs that see only what is installed: the headers and libgpmq.
foreach(source header_check.c header_check.cc)
  string(REPLACE . _ name ${source})
  add_executable(${name} ${source})
  set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF CXX_EXTENSIONS OFF)
  target_compile_options(${name} PRIVATE -pedantic)
  target_link_libraries(${name} PRIVATE gpmq)
  add_test(NAME ${name} COMMAND ${name})
endforeach()
