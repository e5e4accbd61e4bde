# fuzz targets of what passes between programs, and of their settings; others stand beside their tests
gpmq_fuzz(fuzz_broker fuzz_broker.c broker)
if(GPMQ_FUZZ)
  target_link_options(fuzz_broker PRIVATE
    -Wl,--wrap=frames_receive,--wrap=frames_send,--wrap=frames_user)
endif()
gpmq_fuzz(fuzz_executor_talk fuzz_executor_talk.c worker)
gpmq_fuzz(fuzz_program_line fuzz_program_line.c ops)
gpmq_fuzz(fuzz_conf fuzz_conf.c worker broker_settings)
