# A Rails site in one file, in development, whose pages fail.
require "action_controller/railtie"
require "active_record/railtie"

class Site < Rails::Application
  config.load_defaults 6.1
  config.root = ENV["SITE_FOLDER"]
  config.eager_load = false
  config.consider_all_requests_local = ENV["PLAIN"].nil?
  config.secret_key_base = "only-for-tests-0123456789"
  config.hosts << "site.smokegate.test"
  config.logger = Logger.new($stderr)
  config.active_record.migration_error = ENV["PENDING"] ? :page_load : false
  config.action_controller.allow_forgery_protection = true
end

class PagesController < ActionController::Base
  protect_from_forgery with: :exception

  def value
    raise ArgumentError, "bad value"
  end

  def package
    require "markdown_of_nobody"
  end

  def table
    ActiveRecord::Base.connection.execute("select * from lists_item")
  end

  def form
    render plain: "done"
  end
end

Site.initialize!
Site.routes.draw do
  get "/value", to: "pages#value"
  get "/package", to: "pages#package"
  get "/table", to: "pages#table"
  post "/form", to: "pages#form"
  get "/", to: "rails/welcome#index"
end
run Site
